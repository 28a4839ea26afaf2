//! The pages in a real browser, which scripts/browser.sh installs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use system_token_oracle::language::Language;
use system_token_oracle::report::{EpochReport, write};

use super::sample::{hostile, nothing, report, statement};

/// Where the browser's driver and the validators are installed.
fn tools() -> PathBuf {
    let cache = std::env::var_os("SYSTEM_TOKEN_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/system-token"),
        PathBuf::from,
    );
    let tools = cache.join("browser");
    assert!(tools.exists(), "{} is missing: scripts/browser.sh", tools.display());
    tools
}

/// What is wrong with some pages, a line each.
fn problems(pages: &[PathBuf]) -> String {
    let mut node = Command::new("node");
    node.current_dir(tools())
        .args(["--input-type=module", "--eval", include_str!("browser.mjs"), "--"])
        .args(pages);
    let output = node.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    let mut add = |name: &str, report: &EpochReport, statements: &[_], language| {
        let paths = write(report, statements, language, &folder.join(name)).unwrap();
        pages.extend(paths.into_iter().filter(|path| path.extension().unwrap() == "html"));
    };
    let epoch = report();
    add("english", &epoch, &[], Language::En);
    add("russian", &epoch, &[statement(&epoch)], Language::Ru);
    add("nothing", &nothing(), &[], Language::Ru);
    let (epoch, statement) = hostile();
    add("hostile", &epoch, &[statement], Language::En);
    pages
}

#[test]
fn what_is_wrong_with_a_page_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("wrong.html");
    let html = "<!DOCTYPE html><html lang=\"en\"><head><title>x</title></head><body><main><h1>x</h1>\
                <div id=\"a\" style=\"width:2000px\">wide</div><p id=\"a\" style=\"color:#ccc\">pale</p>\
                <img alt=\"x\" src=\"https://elsewhere.invalid/x.png\">\
                <script>console.log('said'); missing()</script></main></body></html>";
    fs::write(&page, html).unwrap();
    let problems = problems(&[page]);
    for expected in [
        "(no-dup-id)",
        "390 light overflow: 20",
        "390 light scripts: 1",
        "390 light console: said",
        "390 light error: missing is not defined",
        "390 light request: https://elsewhere.invalid/x.png",
        "390 dark axe: color-contrast",
    ] {
        assert!(problems.contains(expected), "{expected} is not in {problems}");
    }
}

#[test]
fn pages_fit_a_phone_are_valid_and_can_be_read_by_everybody() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(problems(&pages(folder.path())), "");
}
