complete -c gannetd -s c -l config -d 'The configuration file [default: /etc/gannet/gannet.toml, or none with --zone]' -r -F
complete -c gannetd -l listen -d 'Answer on this address instead of those of the file; port 53 unless it has one [may be repeated]' -r
complete -c gannetd -l zone -d 'Serve the zone NAME from FILE, beside those of the configuration file if one is named [may be repeated]' -r
complete -c gannetd -l log-level -d 'How much is logged, instead of what the file says' -r -f -a "error\t'What keeps the server from doing its work'
warn\t'What somebody should look at: a zone that failed to load'
info\t'What happens: ready, reloaded, stopped'
debug\t'Why it happens'
trace\t'Everything'"
complete -c gannetd -l check -d 'Load the configuration and all zones, say what is wrong with them, and exit'
complete -c gannetd -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gannetd -s V -l version -d 'Print version'
