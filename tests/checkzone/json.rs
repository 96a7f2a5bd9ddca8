//! What is found, as programs read it.

use serde_json::{Value, json};

use crate::checker::{DOUBTFUL, GOOD, check, run};
use crate::process::{Directory, Outcome};

/// The objects of the output, one for each line.
fn objects(outcome: &Outcome) -> Vec<Value> {
    assert_eq!(outcome.stderr, "");
    let object = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    outcome.stdout.lines().map(object).collect()
}

#[test]
fn a_good_zone_is_two_objects() {
    let outcome = check(GOOD, &["--json"]);
    assert_eq!(outcome.code(), 0);
    let zone = json!({
        "kind": "zone", "zone": "example.com.", "file": "example.com.zone", "status": "good", "reason": null,
        "serial": 2_026_010_101_u32, "records": 4, "errors": 0, "warnings": 0, "unseen": 0,
    });
    let summary = json!({"kind": "summary", "zones": 1, "good": 1, "bad": 0, "errors": 0, "warnings": 0});
    assert_eq!(objects(&outcome), [zone, summary]);
}

#[test]
fn a_finding_has_its_place_and_owner() {
    let outcome = check(DOUBTFUL, &["--json"]);
    let finding = json!({
        "kind": "finding", "zone": "example.com.", "name": "unequal-ttls", "level": "warning",
        "message": "the A records differ in their TTL: the lowest is used for all",
        "owner": "two.example.com.", "type": "A", "file": "example.com.zone", "line": 6, "column": 5,
        "source": "two 60 A 192.0.2.1", "note": null,
        "help": "write the same TTL at all of them",
    });
    let objects = objects(&outcome);
    assert_eq!((objects.len(), &objects[0]), (3, &finding));
    assert_eq!((&objects[1]["status"], &objects[1]["warnings"]), (&json!("good"), &json!(1)));
}

#[test]
fn a_mistake_in_the_text_has_no_owner() {
    let outcome = check(format!("{GOOD}web A nowhere\n"), &["--json"]);
    assert_eq!(outcome.code(), 1);
    let objects = objects(&outcome);
    assert_eq!(objects.len(), 3);
    let finding = &objects[0];
    assert_eq!((&finding["name"], &finding["level"]), (&json!("bad-rdata"), &json!("error")));
    assert_eq!((&finding["owner"], &finding["line"], &finding["column"]), (&Value::Null, &json!(6), &json!(7)));
    assert_eq!((&objects[1]["status"], &objects[1]["errors"]), (&json!("unservable"), &json!(1)));
    assert_eq!((&objects[2]["bad"], &objects[2]["errors"]), (&json!(1), &json!(1)));
}

#[test]
fn what_is_not_shown_is_counted() {
    let pair = |number| format!("x{number} 60 A 192.0.2.1\nx{number} 70 A 192.0.2.2\n");
    let outcome = check(format!("{GOOD}{}", (0..50).map(pair).collect::<String>()), &["--json"]);
    let objects = objects(&outcome);
    assert_eq!(objects.len(), 22);
    assert_eq!((&objects[20]["warnings"], &objects[20]["unseen"]), (&json!(50), &json!(30)));
}

#[test]
fn a_file_that_cannot_be_read_is_an_object_too() {
    let outcome = run(&Directory::create(), &["--json", "example.com", "absent.zone"]);
    assert_eq!(outcome.code(), 1);
    let objects = objects(&outcome);
    assert_eq!((objects.len(), &objects[0]["status"]), (2, &json!("unreadable")));
    assert!(objects[0]["reason"].as_str().unwrap().starts_with("No such file"));
}

#[test]
fn a_directory_ends_with_one_summary() {
    let directory = Directory::create();
    directory.write("a.example.zone", GOOD);
    directory.write("b.example.zone", DOUBTFUL);
    directory.write("c.example.zone", "@ NS");
    directory.write("d..example.zone", GOOD);
    let outcome = run(&directory, &["--json", "--dir", "."]);
    assert_eq!(outcome.code(), 1);
    let objects = objects(&outcome);
    let kinds: Vec<&str> = objects.iter().map(|object| object["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["zone", "zone", "finding", "zone", "finding", "zone", "summary"]);
    assert_eq!((&objects[0]["zone"], &objects[0]["status"]), (&Value::Null, &json!("unreadable")));
    let summary = json!({"kind": "summary", "zones": 4, "good": 2, "bad": 2, "errors": 2, "warnings": 1});
    assert_eq!(objects[6], summary);
}
