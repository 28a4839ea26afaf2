//! Lines of text that a terminal of 80 columns shows: wrapped, indented, numbers to the right.

use anstyle::{AnsiColor, Style};
use textwrap::core::display_width;
use textwrap::{Options, WordSplitter, WrapAlgorithm};

/// Columns of a line.
const WIDTH: usize = 80;
/// What is between a label and its number at the least.
const GAP: usize = 2;

/// Whether a text has colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Letters alone.
    #[default]
    Plain,
    /// With the colours of a terminal.
    Coloured,
}

/// What stands out in a text, and what stands back.
#[derive(Clone, Copy)]
pub(super) enum Weight {
    Heading,
    Plain,
    Faint,
    /// A sum.
    Sum,
}

/// A text that grows line by line.
pub(super) struct Page {
    text: String,
    tone: Tone,
}

impl Page {
    pub(super) fn new(tone: Tone) -> Self {
        Self { text: String::new(), tone }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// An empty line, but no two.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Words, wrapped; what does not fit on the first line is indented twice.
    pub(super) fn line(&mut self, indent: usize, weight: Weight, words: &str) {
        for line in wrap(words, indent, WIDTH) {
            self.put(indent, weight, &line);
            self.text.push('\n');
        }
    }

    /// A label and its number, which stands at the right edge.
    pub(super) fn row(&mut self, indent: usize, weight: Weight, label: &str, number: &str) {
        let number_width = display_width(number);
        let lines = wrap(label, indent, WIDTH.saturating_sub(number_width + GAP));
        let last = lines.len().saturating_sub(1);
        for (place, line) in lines.iter().enumerate() {
            self.put(indent, weight, line);
            if place == last {
                let used = indent + display_width(line) + number_width;
                self.text.extend(std::iter::repeat_n(' ', WIDTH.saturating_sub(used).max(GAP)));
                self.put(0, weight, number);
            }
            self.text.push('\n');
        }
    }

    fn put(&mut self, indent: usize, weight: Weight, words: &str) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        let style = match (self.tone, weight) {
            (Tone::Plain, _) | (_, Weight::Plain) => Style::new(),
            (_, Weight::Heading) => Style::new().bold(),
            (_, Weight::Faint) => Style::new().dimmed(),
            (_, Weight::Sum) => AnsiColor::Green.on_default().bold(),
        };
        self.text += &format!("{style}{words}{style:#}");
    }
}

/// Lines without their indent, none wider than what is left of a width; only words that are wider
/// themselves stay whole.
fn wrap(words: &str, indent: usize, width: usize) -> Vec<String> {
    let options = Options::new(width.saturating_sub(indent))
        .subsequent_indent("  ")
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(words, options).into_iter().map(std::borrow::Cow::into_owned).collect()
}
