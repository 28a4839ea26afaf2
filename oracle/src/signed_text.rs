//! Reads the texts that wallets sign, line by line.

/// A line that is missing or says something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineError {
    /// Which line, counted from 1.
    pub(crate) line: usize,
    /// What it would have to be.
    pub(crate) expected: &'static str,
}

/// The lines that are left, and how many were read.
pub(crate) struct Lines<'a> {
    lines: std::str::Split<'a, char>,
    line: usize,
}

impl<'a> Lines<'a> {
    /// All lines of a text.
    pub(crate) fn of(text: &'a str) -> Self {
        Self { lines: text.split('\n'), line: 0 }
    }

    /// Reads a line.
    pub(crate) fn read<T>(
        &mut self,
        expected: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, LineError> {
        self.line += 1;
        let error = LineError { line: self.line, expected };
        self.lines.next().and_then(read).ok_or(error)
    }

    /// Reads a line with nothing on it.
    pub(crate) fn empty(&mut self) -> Result<(), LineError> {
        self.read("", |line| line.is_empty().then_some(()))
    }

    /// Reads what stands after a prefix.
    pub(crate) fn field<T>(
        &mut self,
        prefix: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, LineError> {
        self.read(prefix, |line| line.strip_prefix(prefix).and_then(read))
    }

    /// Reads what stands after a prefix, if the next line has it.
    pub(crate) fn field_if_there<T>(
        &mut self,
        prefix: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<Option<T>, LineError> {
        let next = self.lines.clone().next();
        match next.is_some_and(|line| line.starts_with(prefix)) {
            true => self.field(prefix, read).map(Some),
            false => Ok(None),
        }
    }
}
