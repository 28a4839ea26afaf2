//! Where a command prints, and in which format.

use std::io::Write;

use anyhow::{Context, Error};
use serde::Serialize;

use crate::arguments::OutputFormat;
use crate::failure::Failure;
use crate::report::Report;

/// Standard output and error, or whatever stands for them.
pub(crate) struct Console<'a> {
    format: OutputFormat,
    coloured: bool,
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
}

impl<'a> Console<'a> {
    /// Prints results to the one writer and all else to the other.
    pub(crate) fn new(
        format: OutputFormat,
        out: &'a mut dyn Write,
        err: &'a mut dyn Write,
    ) -> Self {
        Self { format, coloured: false, out, err }
    }

    /// Says whether results may have colours.
    pub(crate) fn coloured(self, coloured: bool) -> Self {
        Self { coloured, ..self }
    }

    /// Whether results may have colours.
    pub(crate) fn is_coloured(&self) -> bool {
        self.coloured
    }

    /// How results are printed.
    pub(crate) fn format(&self) -> OutputFormat {
        self.format
    }

    /// Prints a command's result.
    ///
    /// # Errors
    /// When the writer fails.
    pub(crate) fn print(&mut self, report: &Report) -> anyhow::Result<()> {
        match self.format {
            OutputFormat::Human => write!(self.out, "{report}"),
            OutputFormat::Json => {
                let json = serde_json::to_string_pretty(report).context("failed to print")?;
                writeln!(self.out, "{json}")
            }
        }
        .context("failed to print")
    }

    /// Prints one line alone where people can pipe it on, and a report beside it; or, for programs,
    /// the whole report.
    ///
    /// # Errors
    /// When the writer fails.
    pub(crate) fn print_only(
        &mut self,
        line: &str,
        beside: &Report,
        report: &Report,
    ) -> anyhow::Result<()> {
        match self.format {
            OutputFormat::Human => {
                self.note(beside.to_string().trim_end());
                writeln!(self.out, "{line}").context("failed to print")
            }
            OutputFormat::Json => self.print(report),
        }
    }

    /// Prints a text byte for byte where people can pipe it on, and what to do with it beside it; or,
    /// for programs, the whole report.
    ///
    /// # Errors
    /// When the writer fails.
    pub(crate) fn print_exactly(
        &mut self,
        text: &str,
        beside: &str,
        report: &Report,
    ) -> anyhow::Result<()> {
        match self.format {
            OutputFormat::Human => {
                self.note(beside);
                self.print_raw(text.as_bytes())
            }
            OutputFormat::Json => self.print(report),
        }
    }

    /// Prints bytes as they are, whatever the format.
    ///
    /// # Errors
    /// When the writer fails.
    pub(crate) fn print_raw(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.out.write_all(bytes).context("failed to print")
    }

    /// Tells people something beside the result.
    pub(crate) fn note(&mut self, text: &str) {
        if self.format == OutputFormat::Human {
            // What cannot be told is no reason to stop.
            let _ = writeln!(self.err, "{text}");
        }
    }

    /// Prints an error.
    pub(crate) fn fail(&mut self, error: &Error) {
        #[derive(Serialize)]
        struct Wrapped {
            error: Failure,
        }
        let failure = Failure::of(error);
        let text = match self.format {
            OutputFormat::Human => failure.to_text(),
            OutputFormat::Json => match serde_json::to_string_pretty(&Wrapped { error: failure }) {
                Ok(json) => json + "\n",
                Err(error) => format!("stk: failed to print: {error}\n"),
            },
        };
        // Nobody is left to tell when the writer for errors fails.
        let _ = self.err.write_all(text.as_bytes());
    }
}
