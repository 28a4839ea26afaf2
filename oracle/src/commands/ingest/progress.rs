//! How far the sources are, on a terminal.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::segments::Receipt;

/// A line for each source, while somebody watches.
#[derive(Debug)]
pub(super) struct Progress(Option<MultiProgress>);

/// One source's line.
#[derive(Debug)]
pub(super) struct Bar(Option<ProgressBar>);

impl Progress {
    /// Lines on standard error; none when it is no terminal.
    pub(super) fn new() -> Self {
        Self(Some(MultiProgress::new()))
    }

    /// No lines.
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// A source's line.
    pub(super) fn bar(&self, source: &str) -> Bar {
        Bar(self.0.as_ref().map(|lines| {
            let style = ProgressStyle::with_template("{spinner} {prefix}: {msg} ({elapsed})");
            let bar = lines.add(ProgressBar::new_spinner());
            bar.set_style(style.expect("a template without mistakes"));
            bar.set_prefix(source.to_owned());
            bar
        }))
    }

    /// Takes the lines away.
    pub(super) fn finish(&self) {
        if let Some(lines) = &self.0 {
            // What cannot be taken away stays; it is only a picture.
            let _ = lines.clear();
        }
    }
}

impl Bar {
    /// Shows what was read so far.
    pub(super) fn show(&self, receipt: &Receipt) {
        if let Some(bar) = &self.0 {
            bar.set_message(format!("{} read, {} new", receipt.read, receipt.appended));
            bar.tick();
        }
    }

    /// Leaves the line as it is.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.abandon();
        }
    }
}
