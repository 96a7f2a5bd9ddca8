_gannet__checkzone() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="gannet__checkzone"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        gannet__checkzone)
            opts="-q -o -c -C -d -D -f -F -i -j -J -k -l -L -m -M -n -r -s -S -t -T -v -w -W -h -V --dir --quiet --json --strict --allow --warn --deny --explain --list-checks --print --output --diff --diff-ignore --stats --dnssec --at --max-ttl --warn-before --previous --jobs --color --help --version"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --dir)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --allow)
                    COMPREPLY=($(compgen -W "unequal-ttls signature-ttl duplicate-record orphan-signature ds-at-apex occluded-data soa-timers serial-backwards missing-address alias-as-target address-as-target null-target-not-alone missing-glue missing-sibling-glue unused-glue unreachable-delegation single-ns single-ns-delegation ns-same-address ns-at-wildcard dname-at-wildcard alias-loop long-alias-chain dangling-alias not-a-hostname underscore-host service-owner forgotten-dot literal-asterisk not-at-apex wildcard-shadowed wildcard-mx-gap soa-rname serial-odd spf-syntax spf-version spf-duplicate spf-joined-strings spf-lookups spf-pass-all spf-dead-terms spf-ptr spf-include spf-type dmarc-syntax dmarc-duplicate dmarc-owner dkim-syntax dkim-key dkim-duplicate caa-tag caa-flags caa-value tlsa-fields tlsa-digest-length sshfp-fields sshfp-length ds-without-ns ds-digest-length ds-algorithm ds-digest-type nsec3-iterations nsec3-salt impossible-address non-public-address reverse-owner svcb-hints svcb-mixed-modes large-rrset ttl-zero ttl-long unsigned empty-zone no-dnskey no-zone-key malformed-key unsupported-algorithm unsupported-key deprecated-algorithm short-rsa-key not-zone-key revoked-key key-tag-collision no-secure-entry-point entry-point-unsigned missing-signature bad-signature expired-signature signature-expires-soon signature-not-yet-valid backwards-validity unknown-key unfit-key wrong-signer wrong-labels original-ttl stray-signature too-many-signatures no-denial nsec-missing nsec-chain-broken nsec-bitmap stray-nsec no-nsec3param nsec3-missing nsec3-opt-out nsec3-chain-broken nsec3-bitmap nsec3-surplus nsec3-parameters nsec3-unchecked nsec3-iterations-excessive denial-ttl zonemd-mismatch zonemd-serial zonemd-duplicate zonemd-unsupported cds-mismatch cds-unknown-key cds-unsigned cds-inconsistent cds-delete" -- "${cur}"))
                    return 0
                    ;;
                --warn)
                    COMPREPLY=($(compgen -W "unequal-ttls signature-ttl duplicate-record orphan-signature ds-at-apex occluded-data soa-timers serial-backwards missing-address alias-as-target address-as-target null-target-not-alone missing-glue missing-sibling-glue unused-glue unreachable-delegation single-ns single-ns-delegation ns-same-address ns-at-wildcard dname-at-wildcard alias-loop long-alias-chain dangling-alias not-a-hostname underscore-host service-owner forgotten-dot literal-asterisk not-at-apex wildcard-shadowed wildcard-mx-gap soa-rname serial-odd spf-syntax spf-version spf-duplicate spf-joined-strings spf-lookups spf-pass-all spf-dead-terms spf-ptr spf-include spf-type dmarc-syntax dmarc-duplicate dmarc-owner dkim-syntax dkim-key dkim-duplicate caa-tag caa-flags caa-value tlsa-fields tlsa-digest-length sshfp-fields sshfp-length ds-without-ns ds-digest-length ds-algorithm ds-digest-type nsec3-iterations nsec3-salt impossible-address non-public-address reverse-owner svcb-hints svcb-mixed-modes large-rrset ttl-zero ttl-long unsigned empty-zone no-dnskey no-zone-key malformed-key unsupported-algorithm unsupported-key deprecated-algorithm short-rsa-key not-zone-key revoked-key key-tag-collision no-secure-entry-point entry-point-unsigned missing-signature bad-signature expired-signature signature-expires-soon signature-not-yet-valid backwards-validity unknown-key unfit-key wrong-signer wrong-labels original-ttl stray-signature too-many-signatures no-denial nsec-missing nsec-chain-broken nsec-bitmap stray-nsec no-nsec3param nsec3-missing nsec3-opt-out nsec3-chain-broken nsec3-bitmap nsec3-surplus nsec3-parameters nsec3-unchecked nsec3-iterations-excessive denial-ttl zonemd-mismatch zonemd-serial zonemd-duplicate zonemd-unsupported cds-mismatch cds-unknown-key cds-unsigned cds-inconsistent cds-delete" -- "${cur}"))
                    return 0
                    ;;
                --deny)
                    COMPREPLY=($(compgen -W "unequal-ttls signature-ttl duplicate-record orphan-signature ds-at-apex occluded-data soa-timers serial-backwards missing-address alias-as-target address-as-target null-target-not-alone missing-glue missing-sibling-glue unused-glue unreachable-delegation single-ns single-ns-delegation ns-same-address ns-at-wildcard dname-at-wildcard alias-loop long-alias-chain dangling-alias not-a-hostname underscore-host service-owner forgotten-dot literal-asterisk not-at-apex wildcard-shadowed wildcard-mx-gap soa-rname serial-odd spf-syntax spf-version spf-duplicate spf-joined-strings spf-lookups spf-pass-all spf-dead-terms spf-ptr spf-include spf-type dmarc-syntax dmarc-duplicate dmarc-owner dkim-syntax dkim-key dkim-duplicate caa-tag caa-flags caa-value tlsa-fields tlsa-digest-length sshfp-fields sshfp-length ds-without-ns ds-digest-length ds-algorithm ds-digest-type nsec3-iterations nsec3-salt impossible-address non-public-address reverse-owner svcb-hints svcb-mixed-modes large-rrset ttl-zero ttl-long unsigned empty-zone no-dnskey no-zone-key malformed-key unsupported-algorithm unsupported-key deprecated-algorithm short-rsa-key not-zone-key revoked-key key-tag-collision no-secure-entry-point entry-point-unsigned missing-signature bad-signature expired-signature signature-expires-soon signature-not-yet-valid backwards-validity unknown-key unfit-key wrong-signer wrong-labels original-ttl stray-signature too-many-signatures no-denial nsec-missing nsec-chain-broken nsec-bitmap stray-nsec no-nsec3param nsec3-missing nsec3-opt-out nsec3-chain-broken nsec3-bitmap nsec3-surplus nsec3-parameters nsec3-unchecked nsec3-iterations-excessive denial-ttl zonemd-mismatch zonemd-serial zonemd-duplicate zonemd-unsupported cds-mismatch cds-unknown-key cds-unsigned cds-inconsistent cds-delete" -- "${cur}"))
                    return 0
                    ;;
                --explain)
                    COMPREPLY=($(compgen -W "no-soa several-soas no-apex-ns cname-and-other several-aliases rrset-too-large name-too-large unequal-ttls signature-ttl duplicate-record orphan-signature ds-at-apex occluded-data soa-timers serial-backwards missing-address alias-as-target address-as-target null-target-not-alone missing-glue missing-sibling-glue unused-glue unreachable-delegation single-ns single-ns-delegation ns-same-address ns-at-wildcard dname-at-wildcard alias-loop long-alias-chain dangling-alias not-a-hostname underscore-host service-owner forgotten-dot literal-asterisk not-at-apex wildcard-shadowed wildcard-mx-gap soa-rname serial-odd spf-syntax spf-version spf-duplicate spf-joined-strings spf-lookups spf-pass-all spf-dead-terms spf-ptr spf-include spf-type dmarc-syntax dmarc-duplicate dmarc-owner dkim-syntax dkim-key dkim-duplicate caa-tag caa-flags caa-value tlsa-fields tlsa-digest-length sshfp-fields sshfp-length ds-without-ns ds-digest-length ds-algorithm ds-digest-type nsec3-iterations nsec3-salt impossible-address non-public-address reverse-owner svcb-hints svcb-mixed-modes large-rrset ttl-zero ttl-long unsigned empty-zone no-dnskey no-zone-key malformed-key unsupported-algorithm unsupported-key deprecated-algorithm short-rsa-key not-zone-key revoked-key key-tag-collision no-secure-entry-point entry-point-unsigned missing-signature bad-signature expired-signature signature-expires-soon signature-not-yet-valid backwards-validity unknown-key unfit-key wrong-signer wrong-labels original-ttl stray-signature too-many-signatures no-denial nsec-missing nsec-chain-broken nsec-bitmap stray-nsec no-nsec3param nsec3-missing nsec3-opt-out nsec3-chain-broken nsec3-bitmap nsec3-surplus nsec3-parameters nsec3-unchecked nsec3-iterations-excessive denial-ttl zonemd-mismatch zonemd-serial zonemd-duplicate zonemd-unsupported cds-mismatch cds-unknown-key cds-unsigned cds-inconsistent cds-delete not-text read-failure unbalanced-parenthesis unclosed-quote stray-quote bare-carriage-return nul-octet entry-too-long no-owner bad-name label-too-long name-too-long bad-escape bad-ttl no-ttl bad-class missing-type unknown-type meta-type missing-rdata extra-rdata bad-rdata string-too-long unknown-directive bad-directive bad-include include-cycle include-depth bad-generate generate-too-many out-of-zone soa-below-apex" -- "${cur}"))
                    return 0
                    ;;
                --print)
                    COMPREPLY=($(compgen -W "canonical pretty rfc3597" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --diff)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --diff-ignore)
                    COMPREPLY=($(compgen -W "serial dnssec" -- "${cur}"))
                    return 0
                    ;;
                --dnssec)
                    COMPREPLY=($(compgen -W "auto on off" -- "${cur}"))
                    return 0
                    ;;
                --at)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --max-ttl)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --warn-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --previous)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --jobs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                -c)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -C)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -f)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -F)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -i)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -J)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -k)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -l)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -L)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -m)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -M)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -r)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -s)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -S)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -t)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -T)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -w)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -W)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _gannet__checkzone -o nosort -o bashdefault -o default gannet-checkzone
else
    complete -F _gannet__checkzone -o bashdefault -o default gannet-checkzone
fi
