//! Zones printed, compared and counted.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::checker::{DOUBTFUL, GOOD, check, checkzone, run};
use crate::process::{Directory, Process, without_rights};

#[test]
fn a_zone_is_printed_in_three_forms() {
    let outcome = check(GOOD, &["--print"]);
    assert_eq!(outcome.code(), 0);
    insta::assert_snapshot!(outcome.stdout, @"
    example.com. 3600 IN SOA ns.example.com. hostmaster.example.com. 2026010101 14400 3600 1209600 600
    example.com. 3600 IN NS ns.example.com.
    example.com. 3600 IN NS ns.example.net.
    ns.example.com. 3600 IN A 192.0.2.53
    ");
    assert_eq!(outcome.stderr, "example.com.: the zone is good: serial 2026010101, 4 records");
    for form in ["-D", "--print=canonical"] {
        assert_eq!(check(GOOD, &[form]).stdout, outcome.stdout);
    }
    let pretty = check(GOOD, &["--print=pretty"]).stdout;
    assert!(pretty.contains("$ORIGIN example.com.\n"), "{pretty}");
    assert_eq!(check(GOOD, &["-D", "-s", "relative"]).stdout, pretty);
    let generic = check(GOOD, &["--print=rfc3597"]).stdout;
    assert!(generic.contains("ns.example.com. 3600 IN A \\# 4 c0000235\n"), "{generic}");
    // Each of them is the same zone again.
    for text in [pretty, generic] {
        assert_eq!(check(text, &["--print"]).stdout, outcome.stdout);
    }
}

/// Standard output is the zone and nothing else, so that it can be piped on.
#[test]
fn what_is_found_makes_way_for_the_zone() {
    let outcome = check(DOUBTFUL, &["--print"]);
    assert!(outcome.stderr.starts_with("warning[unequal-ttls]"), "{}", outcome.stderr);
    assert!(!outcome.stdout.contains("warning"), "{}", outcome.stdout);
    let outcome = check(DOUBTFUL, &["--print", "--json"]);
    assert!(outcome.stderr.starts_with("{\"kind\":\"finding\""), "{}", outcome.stderr);
    let outcome = check(DOUBTFUL, &["--print", "--quiet"]);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (0, ""));
    assert_eq!(outcome.stdout.lines().count(), 6);
}

#[test]
fn a_bad_zone_is_not_printed() {
    for (text, options) in [("@ NS", &["--print"][..]), (DOUBTFUL, &["--print", "--strict"])] {
        let outcome = check(text, options);
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (1, ""));
    }
}

#[test]
fn a_file_is_replaced_by_a_good_zone_only() {
    let directory = Directory::create();
    let file = directory.write("example.com.zone", GOOD);
    let args = ["--print=pretty", "--output", "example.com.zone", "example.com", "example.com.zone"];
    let outcome = run(&directory, &args);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (0, ""));
    assert_eq!(outcome.stdout, "example.com.: the zone is good: serial 2026010101, 4 records\n");
    let tidy = fs::read_to_string(&file).unwrap();
    assert!(tidy.starts_with("$ORIGIN example.com.\n"), "{tidy}");

    directory.write("example.com.zone", "@ NS");
    assert_eq!(run(&directory, &args).code(), 1);
    assert_eq!(fs::read_to_string(&file).unwrap(), "@ NS");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let directory = Directory::create();
    directory.write("example.com.zone", GOOD);
    for (output, why) in [
        ("absent/out.zone", "absent/out.zone: No such file or directory"),
        (".", ".: is a directory"),
        ("/dev/full", "/dev/full: No space left on device"),
    ] {
        let outcome = run(&directory, &["--output", output, "example.com", "example.com.zone"]);
        assert_eq!(outcome.code(), 1, "{output}");
        assert!(outcome.stderr.starts_with(&format!("gannet-checkzone: {why}")), "{}", outcome.stderr);
    }
    let folder = directory.path().join("closed");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = without_rights(&directory, env!("CARGO_BIN_EXE_gannet-checkzone"));
    command.current_dir(directory.path()).args(["-o", "closed/out.zone", "example.com", "example.com.zone"]);
    let outcome = Process::start(&mut command).outcome();
    assert_eq!(outcome.code(), 1);
    assert!(outcome.stderr.contains("closed/out.zone: Permission denied"), "{}", outcome.stderr);
    let mut command = checkzone();
    command.current_dir(directory.path()).args(["--print", "example.com", "example.com.zone"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.ends_with("gannet-checkzone: cannot write: No space left on device (os error 28)\n"), "{said}");
}

#[test]
fn records_that_differ_are_shown() {
    let directory = Directory::create();
    directory.write("new.zone", &GOOD.replace("2026010101", "2026010102").replace("192.0.2.53", "192.0.2.54"));
    directory.write("old.zone", GOOD);
    let outcome = run(&directory, &["--diff", "old.zone", "example.com", "new.zone"]);
    assert_eq!(outcome.code(), 0);
    insta::assert_snapshot!(outcome.stdout, @"
    - example.com. 3600 IN SOA ns.example.com. hostmaster.example.com. 2026010101 14400 3600 1209600 600
    + example.com. 3600 IN SOA ns.example.com. hostmaster.example.com. 2026010102 14400 3600 1209600 600
    - ns.example.com. 3600 IN A 192.0.2.53
    + ns.example.com. 3600 IN A 192.0.2.54
    ");
    assert!(outcome.stderr.ends_with("\n2 records removed, 2 added, 0 TTLs changed"), "{}", outcome.stderr);
    let outcome = run(&directory, &["--diff", "old.zone", "--diff-ignore", "serial", "example.com", "new.zone"]);
    assert_eq!(outcome.stdout.lines().count(), 2, "{}", outcome.stdout);
    let outcome = run(&directory, &["--diff", "old.zone", "--json", "example.com", "new.zone"]);
    assert_eq!(outcome.stderr, "");
    let objects: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = objects.iter().map(|object| object["kind"].as_str().unwrap()).collect();
    let four = ["difference"; 4];
    assert_eq!(kinds, [&four[..], &["zone", "differences", "summary"]].concat());
    let added = serde_json::json!({
        "kind": "difference", "zone": "example.com.", "change": "added",
        "record": "ns.example.com. 3600 IN A 192.0.2.54",
    });
    assert_eq!((&objects[2]["change"], &objects[3]), (&Value::from("removed"), &added));
    assert_eq!((&objects[5]["removed"], &objects[5]["ttls_changed"]), (&Value::from(2), &Value::from(0)));
    let outcome = run(&directory, &["--diff", "old.zone", "example.com", "old.zone"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (0, ""));
    assert!(outcome.stderr.ends_with("\nno differences"), "{}", outcome.stderr);
}

#[test]
fn a_zone_that_cannot_be_compared_with_is_an_error() {
    let directory = Directory::create();
    directory.write("new.zone", GOOD);
    directory.write("broken.zone", "@ NS");
    for (other, why) in [
        ("absent.zone", "--diff absent.zone: No such file or directory"),
        ("broken.zone", "--diff broken.zone: broken.zone:1:5: "),
    ] {
        let outcome = run(&directory, &["--diff", other, "example.com", "new.zone"]);
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (1, ""));
        assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
    }
}

#[test]
fn a_zone_is_counted() {
    let outcome = check(GOOD, &["--stats"]);
    assert_eq!((outcome.code(), outcome.stderr.as_str()), (0, ""));
    for line in ["records               4", "  NS                  2", "delegations           0, 0 of them signed"] {
        assert!(outcome.stdout.lines().any(|shown| shown == line), "{line}: {}", outcome.stdout);
    }
    let outcome = check(GOOD, &["--stats", "--json"]);
    let objects: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = objects.iter().map(|object| object["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["zone", "stats", "summary"]);
    assert_eq!((&objects[1]["records_by_type"]["NS"], &objects[1]["first_expiry"]), (&Value::from(2), &Value::Null));
}
