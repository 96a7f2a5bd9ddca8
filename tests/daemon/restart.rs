//! Images: a server that was stopped starts again from them, as long as they are good and the zone's file is as it was.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use hickory_proto::rr::RecordType;

use crate::client::*;
use crate::process::{Directory, without_rights};
use crate::server::{Server, WITH_ZONE, ZONE, config, gannetd};

/// [`ZONE`] and so much more that it is worth an image.
fn large(serial: u32) -> String {
    let more = "$GENERATE 1-8000 host$ TXT \"this is host number $ of a good many\"\n";
    ZONE.replace("hostmaster 7", &format!("hostmaster {serial}")) + more
}

fn directory() -> Directory {
    let directory = Directory::create();
    directory.write("example.com.zone", &large(7));
    directory.write("gannet.toml", &config(&format!("state-directory = \"state\"\n{WITH_ZONE}")));
    directory
}

/// Whether the server began with images; it answers rightly.
fn is_restored(server: &Server, serial: u32) -> bool {
    let (ready, _) = server.process.await_line(0, " ready: ");
    assert!(ready.contains(", 0 failed, 8121 records"), "{ready}");
    assert_eq!(self::serial(server.v4, "example.com."), Some(serial));
    assert_eq!(ask_udp(server.v4, &query("web.example.com.", RecordType::A)).message.answers.len(), 2);
    assert_eq!(ask_udp(server.v6, &query("host7999.example.com.", RecordType::TXT)).message.answers.len(), 1);
    ready.contains("ready: 1 zones (1 from images), ")
}

/// Waits until the images are written, and stops.
fn stop(server: Server) -> Directory {
    server.process.await_line(0, "images written: 1");
    stop_now(server)
}

fn stop_now(mut server: Server) -> Directory {
    let directory = std::mem::replace(&mut server.directory, Directory::create());
    assert_eq!(server.stop().code(), 0);
    directory
}

fn image(directory: &Directory) -> PathBuf {
    let files = fs::read_dir(directory.path().join("state")).unwrap().map(|entry| entry.unwrap().path());
    let mut images = files.filter(|path| path.extension().is_some_and(|suffix| suffix == "image"));
    let image = images.next().unwrap();
    assert!(images.next().is_none());
    image
}

#[test]
fn a_start_reads_images_until_the_zone_changes() {
    let server = Server::start_in(directory());
    assert!(!is_restored(&server, 7));
    let directory = stop(server);
    // Its file was written just before it was read, so it was compared, and the image is written anew.
    let server = Server::start_in(directory);
    assert!(is_restored(&server, 7));
    // A reload after it knows what the image was made of.
    assert!(server.reload().pop().unwrap().contains("reloaded: 0 zones, 1 unchanged, 0 failed, 8121 records"));
    let directory = stop_now(server);
    directory.write("example.com.zone", &large(8));
    let server = Server::start_in(directory);
    assert!(!is_restored(&server, 8));
    server.process.await_line(0, "zone example.com: its image is stale: it is loaded from ");
    server.process.await_line(0, "images written: 1");
    // What a reload brings is kept as well.
    server.directory.write("example.com.zone", &large(9));
    let from = server.process.lines();
    server.reload();
    server.process.await_line(from, "images written: 1");
    let server = Server::start_in(stop_now(server));
    assert!(is_restored(&server, 9));
}

#[test]
fn an_image_that_does_not_do_is_told_and_made_anew() {
    let mut directory = stop(Server::start_in(directory()));
    let whole = fs::read(image(&directory)).unwrap();
    let middle = whole.len() / 2;
    let mut damaged = whole.clone();
    damaged[middle] ^= 0x10;
    let mut foreign = whole.clone();
    foreign[8] = 99;
    for (octets, said) in [
        (&damaged[..], "it is damaged"),
        (&whole[..middle], "it is not as long as it says"),
        (&foreign, "it has format 99, not 1"),
        (b"", "it is not as long as it says"),
    ] {
        fs::write(image(&directory), octets).unwrap();
        let server = Server::start_in(directory);
        assert!(!is_restored(&server, 7), "{said}");
        let (line, _) = server.process.await_line(0, " WARN zone example.com: the image ");
        assert!(line.contains(&format!(" is not used, {said}: it is loaded from ")), "{line}");
        directory = stop(server);
    }
    // Another seed: what was made with the old one is of no use.
    fs::remove_file(directory.path().join("state/seed")).unwrap();
    let server = Server::start_in(directory);
    assert!(!is_restored(&server, 7));
    server.process.await_line(0, "is not used, it was made with another seed: ");
    let server = Server::start_in(stop(server));
    assert!(is_restored(&server, 7));
}

#[test]
fn the_image_of_another_zone_is_none_of_this_one() {
    let directory = stop(Server::start_in(directory()));
    let other = image(&directory);
    // The same file as another zone: all that tells them apart is the name in the image.
    let zones = "[[zone]]\nname = \"example.net\"\nfile = \"example.net.zone\"\n";
    directory.write("gannet.toml", &config(&format!("state-directory = \"state\"\n{zones}")));
    directory.write("example.net.zone", &large(7).replace("example.com", "example.net"));
    fs::copy(&other, directory.path().join("copy")).unwrap();
    let directory = stop(Server::start_in(directory));
    assert!(!other.exists(), "its zone is gone");
    fs::copy(directory.path().join("copy"), image(&directory)).unwrap();
    directory.write("example.net.zone", &large(7));
    let server = Server::start_in(directory);
    server.process.await_line(0, "is not used, it is of another zone: ");
}

#[test]
fn without_a_state_directory_that_does_everything_else_goes_on() {
    let directory = directory();
    fs::create_dir(directory.path().join("state")).unwrap();
    fs::set_permissions(directory.path().join("state"), fs::Permissions::from_mode(0o555)).unwrap();
    let mut program = without_rights(&directory, env!("CARGO_BIN_EXE_gannetd"));
    let server = Server::start_with(directory, &mut program);
    assert!(!is_restored(&server, 7));
    server.process.await_line(0, "cannot write there: Permission denied (os error 13): no images are used or written");
    fs::set_permissions(server.directory.path().join("state"), fs::Permissions::from_mode(0o755)).unwrap();
    // Of two processes the second one has none.
    let first = Server::start_in(self::directory());
    let taken = first.directory.path().join("state");
    let directory = self::directory();
    directory.write("gannet.toml", &config(&format!("state-directory = \"{}\"\n{WITH_ZONE}", taken.display())));
    let second = Server::start_with(directory, &mut gannetd());
    assert!(!is_restored(&second, 7));
    second.process.await_line(0, "another process uses it: ");
}
