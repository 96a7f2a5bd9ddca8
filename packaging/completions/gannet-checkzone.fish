complete -c gannet-checkzone -s q -l quiet -d 'Say nothing, neither of success nor of errors: the exit status tells'
complete -c gannet-checkzone -s h -l help -d 'Print help (see more with \'--help\')'
complete -c gannet-checkzone -s V -l version -d 'Print version'
