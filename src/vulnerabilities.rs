//! Known vulnerabilities of others, and why they are none here: what happened, how it is designed out, and which tests hold
//! it.
//!
//! A chapter, without code. Whoever changes what it says changes it; `tests/vulnerabilities.rs` sees to it that every test it
//! names exists. The classes are those of RFC 9267, of the advisories of BIND, NSD, Knot and PowerDNS, and of the papers
//! behind them.
//!
//! # Messages that end the process
//!
//! *Elsewhere:* most advisories of the last twenty years are of one kind: a message meets an assertion or a wrong index, and the
//! server is gone. *Here* the code is safe Rust but for system calls; a message is read once, by functions that give a value or an
//! error for any octets; and what was not understood is not reflected but for its id, opcode and RD. The longest name, RRset,
//! message and zone entry are bounds of one table (`base::limits`). A thread that ended all the same would end the daemon,
//! which its service manager starts again.
//!
//! - `tests/waist.rs::any_bytes_get_a_sane_reply_or_none`, `tests/daemon/garbage.rs::any_octets_to_either_port_do_no_harm`
//! - `tests/fuzz/fuzz.rs::every_target_is_replayed`: what coverage-guided fuzzers found interesting, of ten kinds of input
//! - `src/answer/answer_tests.rs::broken_messages_are_not_reflected`
//!
//! # Compression pointers that loop
//!
//! *Elsewhere:* a pointer to itself, forward, or past the end kept parsers busy for ever or read what is not the message
//! (RFC 9267 section 2). *Here* the question's name must be spelled out, since nothing stands before it that could be pointed
//! at; owners behind it are passed over, a pointer being two octets whatever it says; and of records in a query's other
//! sections only the OPT is read. What we write points backwards alone, to offsets below 16,384, and only in the types of
//! RFC 3597 section 4.
//!
//! - `tests/vulnerabilities.rs::pointers_that_loop_or_lead_nowhere_are_a_format_error`, `src/wire/query_tests.rs::broken_queries`
//! - `src/wire/writer_tests.rs::names_too_far_for_a_pointer_are_spelled_out`,
//!   `src/answer/choices_tests.rs::a_large_reply_over_tcp_points_no_further_than_a_pointer_can`
//!
//! # Names that are not what they look like
//!
//! *Elsewhere:* a dot or a NUL inside a label was taken for the end of a label or of the name, so that one name was served,
//! logged or cached as another. *Here* a name is its labels with their lengths, from the wire to the compiled zone; text is
//! made of it only to be shown, and then with every octet escaped that is no plain character, as RFC 4343 section 2.1 has it. So no
//! name can write a line of its own into the log either.
//!
//! - `tests/vulnerabilities.rs::names_are_octets_and_no_text`, `src/wire/name_tests.rs::text_forms_and_their_wire`
//! - `src/wire/name_tests.rs::below_means_at_a_label`: `badexample.com` is not below `example.com`
//! - `src/zonefile/reader_tests.rs::octets_that_are_not_utf_8_are_shown_escaped_and_counted`
//!
//! # Rights by a forged signature
//!
//! *Elsewhere:* transfers and updates were let through on a TSIG that was broken in the right way (CVE-2017-3143,
//! CVE-2017-11104). *Here* no right hangs on TSIG yet: a signature is looked at for its form and gives nothing. Whole zones go to
//! the addresses in `allow-transfer` alone, to nobody by default, and only over TCP, where an address cannot be forged from
//! afar. UPDATE and NOTIFY are not implemented and told so.
//!
//! - `tests/vulnerabilities.rs::a_signed_request_has_no_more_rights_than_its_address`
//! - `tests/transfer/refusals.rs::who_is_not_allowed_is_refused_and_the_log_says_so`,
//!   `tests/transfer/refusals.rs::permission_is_given_and_taken_by_a_reload`
//! - `tests/daemon/compliance.rs::every_opcode_but_query_is_not_implemented`
//!
//! # Denials that cost more than the question
//!
//! *Elsewhere:* NSEC3 has a server hash the closest encloser, the next closer name and the wildcard of each name that does not
//! exist, each with as many iterations as the zone's owner likes (CVE-2023-50868 is the resolver's side of it). *Here* all names of
//! a zone, and the wildcards below them, are hashed when it is loaded. A reply hashes the next closer name, once for each
//! step of its chain, however many labels the question has; with more than 150 iterations (RFC 9276 section 3.2) it hashes
//! nothing, and the log says so when the zone is loaded.
//!
//! - `src/zone/deny_tests.rs::one_name_is_hashed_at_most_however_deep_the_question_is`
//! - `tests/denial.rs::a_chain_that_is_too_costly_shows_only_that_it_is`
//!
//! # Signatures that cost the verifier
//!
//! *Elsewhere:* many keys with one tag and many signatures of one RRset make a validator try all pairs (KeyTrap,
//! CVE-2023-50387). *Here* the server verifies nothing. The zone checker does, and tries at most four keys of one tag and
//! sixteen signatures of one RRset, on key sizes and exponents with a limit.
//!
//! - `tests/dnssec.rs::what_is_tried_is_bounded`
//! - `src/dnssec/key_tests.rs::odd_keys_are_unsupported_or_malformed_and_never_panic`
//!
//! # Huge RRsets
//!
//! *Elsewhere:* thousands of records of one name and type, or of hosts in one reply, made each lookup or each additional
//! section slow (CVE-2024-1737, CVE-2024-11187). *Here* an RRset is one run of octets, found by one probe and copied as far as
//! there is room; an RRset that fits into no message is refused when its zone is loaded; and addresses are looked up for
//! the first 32 hosts of an RRset, no more.
//!
//! - `tests/vulnerabilities.rs::an_rrset_of_thousands_costs_a_bounded_number_of_lookups`
//! - `src/zone/zone_tests.rs::what_no_zone_may_hold`
//! - `tests/waist.rs::ten_thousand_mixed_queries_cost_no_allocation`
//!
//! # Reflection and amplification
//!
//! *Elsewhere:* a query in a victim's name has the server send it many times as much. *Here* a datagram has at most 1,232
//! octets unless configured otherwise, or 512 without EDNS; ANY gets one RRset, or what [`AnyAnswer`](crate::zone::AnyAnswer) was chosen; a truncated
//! reply is not larger than its query, except for a cookie, and for a referral: that keeps its NS, the DS or the proof that there
//! is none with their signatures, and the glue that fits (RFC 9471); the first message of a connection is answered when
//! the handshake is done. Response-rate limiting, once it is switched on, counts by what is answered, not by what is asked, so that names made up
//! below a wildcard or below nothing do not get around it; cookies let real clients through.
//!
//! - `tests/vulnerabilities.rs::no_datagram_is_larger_than_the_limit_and_any_is_no_larger_than_one_rrset`
//! - `tests/vulnerabilities.rs::a_truncated_referral_is_a_part_of_the_whole_one`
//! - `src/answer/choices_tests.rs::any_is_answered_as_chosen`,
//!   `src/answer/choices_tests.rs::names_outside_our_zones_get_what_is_chosen`: no referral to the root
//! - `tests/daemon/limits.rs::over_its_rate_a_client_is_dropped_or_sent_to_tcp_where_it_is_served`
//! - `tests/daemon/rrl.rs::a_flood_gets_its_rate_while_others_are_served`,
//!   `src/answer/rrl_tests.rs::names_that_one_owner_stands_for_share_a_rate`,
//!   `src/gate/replies_tests.rs::networks_do_not_disturb_each_other`
//! - `src/answer/rrl_tests.rs::whose_address_is_proven_has_no_rate`
//! - `src/gate/keeper_tests.rs::a_proven_address_has_no_limit_of_its_own_but_the_servers`
//!
//! # Floods of random names
//!
//! *Elsewhere:* names that do not exist miss every cache and make the server do its dearest work, or push the useful entries
//! out. *Here* a denial costs about what an answer does: one probe for each depth that the zone has names at, and at most one
//! hash. The answer cache keeps only replies that take such a hash, and only when they are asked for again: random names push
//! nothing out of it, nor out of the packet cache, which keeps what is asked a second time. Who asks each name twice does push
//! replies out, and who asks for three times as much as all others has the packet cache passed by for a while: then queries cost
//! what they cost without it. Neither cache grows, nor do the tables of clients and of rates. Where many such names are asked for through one resolver, `denials-per-second` of `[rrl]` sheds them by
//! the zone.
//!
//! - `tests/vulnerabilities.rs::names_that_do_not_exist_push_nothing_out_of_the_cache`
//! - `src/answer/packets_tests.rs::what_is_asked_for_once_pushes_nothing_out`
//! - `tests/waist.rs::an_answer_cache_that_is_always_full_costs_no_allocation`
//! - `src/gate/keeper_tests.rs::a_table_full_of_others_never_turns_a_new_client_away`,
//!   `src/gate/replies_tests.rs::a_crowd_neither_turns_away_who_is_new_nor_hides_a_flood`
//! - `tests/daemon/rrl.rs::names_that_do_not_exist_and_errors_have_rates_of_their_own`
//!
//! # Connections that are held
//!
//! *Elsewhere:* clients that open connections and say nothing, send an octet a minute, send thousands of queries at once
//! (CVE-2019-6477), or never read what they get, took all places or all memory; and limits did not count what they should
//! (CVE-2018-5743). *Here* connections are limited in all and for each client, every wait has a time, replies that wait to be
//! taken are bounded for each connection and stop its reading, and when all places are taken the connection that is longest
//! without progress makes room. UDP has threads of its own and does not notice.
//!
//! - `tests/daemon/connections.rs::who_is_silent_or_too_slow_is_cut_off_in_its_time`,
//!   `tests/daemon/connections.rs::a_client_has_so_many_connections_and_no_more`,
//!   `tests/daemon/connections.rs::when_all_connections_are_taken_the_longest_silent_makes_room`
//! - `tests/net/tcp.rs::a_client_that_does_not_read_is_cut_off_and_the_others_are_served`
//! - `tests/transfer/streams.rs::a_reader_that_stalls_costs_little_and_is_cut_off`
//! - `tests/descriptors.rs::without_descriptors_the_server_rests_makes_room_and_recovers`
//!
//! # Caches that are poisoned
//!
//! *Elsewhere:* a server that asks others from few ports and with few ids can be given false answers (CVE-2008-1447); a reply
//! in fragments can be given a false second half; and records that nobody asked for were believed. *Here* nothing is asked:
//! gannetd opens no socket but those it listens on, and answers from its zones alone. Replies of the default size are not
//! fragmented on any path of IPv6, and forged ICMP does not make us cut any (RFC 9715). A reply holds names of the zones that are served and nothing learnt elsewhere. The
//! cookie of a client comes back with our half, so that it can tell our replies from others.
//!
//! - `tests/daemon/answers.rs::no_query_makes_the_server_ask_others`
//! - `src/net/bind.rs::nobody_can_make_us_cut_replies_into_fragments`
//! - `src/answer/edns_tests.rs::a_cookie_that_comes_back_is_valid_and_comes_again`,
//!   `src/gate/cookies_tests.rs::what_was_changed_is_bad`
//! - `src/answer/answer_tests.rs::what_a_dname_makes_is_the_same_for_whoever_asked_first`: one client's case is not
//!   another's answer
//!
//! # Servers that answer each other
//!
//! *Elsewhere:* an error sent as the reply to a reply, or to a port where another server listens, goes to and fro for ever. *Here*
//! nothing is answered that has QR set, however broken it is, nor what comes from port 0.
//!
//! - `tests/vulnerabilities.rs::a_response_is_never_answered`, `src/wire/query_tests.rs::what_gets_no_reply`
//! - `tests/net/udp.rs::a_query_from_port_0_is_never_answered`
//!
//! # Zone files that are traps
//!
//! *Elsewhere:* whoever may hand in a zone could have the server read `/dev/zero`, a file that includes itself, a kilobyte that
//! unpacks to terabytes, or a `$GENERATE` of billions. *Here* a zone file is a regular file; includes nest sixteen deep and not
//! in circles; an entry has a megabyte at most, and what is compressed is read in pieces, with a bound on its window; a
//! `$GENERATE` makes 16 million records at most. A zone that cannot be loaded leaves the old one serving, and the others untouched.
//!
//! - `tests/daemon/failures.rs::a_device_or_a_pipe_in_place_of_a_zone_file_fails_at_once`
//! - `src/zonefile/directive_tests.rs::files_that_include_each_other_are_refused`,
//!   `src/zonefile/reader_tests.rs::entries_are_bounded_and_skipped_without_being_kept`
//! - `src/zonefile/compressed_tests.rs::a_bomb_is_read_in_pieces`,
//!   `src/zonefile/compressed_tests.rs::a_window_that_is_too_large_is_refused_before_it_is_made`
//! - `src/zonefile/generate_tests.rs::the_longest_run_is_made_one_record_at_a_time`
//! - `tests/daemon/reload.rs::a_zone_that_breaks_goes_on_in_its_old_version_and_the_log_says_where`
