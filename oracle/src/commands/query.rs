//! `stk-oracle query SQL`: the event log, asked in SQL.

use std::io::{Write, stdout};

use arrow::array::RecordBatch;
use arrow::csv::Writer;
use arrow::json::LineDelimitedWriter;
use arrow::util::pretty::pretty_format_batches_with_schema;
use clap::Args;
use futures::TryStreamExt;

use super::{Opened, OutputFormat};

/// What is asked.
#[derive(Args, Debug)]
pub(super) struct QueryArguments {
    /// A SELECT over the table `events`: source, external_id, at, at_us, received_at_us, name, actor,
    /// properties.
    #[arg(value_name = "SQL")]
    sql: String,
    /// Prints comma-separated values, with the columns' names first.
    #[arg(long)]
    csv: bool,
}

/// Prints the answer: a table, CSV, or with `--output json` one object for each row.
pub(super) async fn run(opened: &Opened, arguments: &QueryArguments) -> anyhow::Result<()> {
    let mut answer = opened.log.query(&arguments.sql).await?;
    let schema = answer.schema();
    if arguments.csv {
        let mut values = Writer::new(stdout());
        // The columns' names come with the first rows, so also where none follow.
        values.write(&RecordBatch::new_empty(schema))?;
        while let Some(rows) = answer.try_next().await? {
            values.write(&rows)?;
        }
    } else if opened.output == OutputFormat::Json {
        let mut objects = LineDelimitedWriter::new(stdout());
        while let Some(rows) = answer.try_next().await? {
            objects.write(&rows)?;
        }
    } else {
        let rows: Vec<RecordBatch> = answer.try_collect().await?;
        writeln!(stdout(), "{}", pretty_format_batches_with_schema(schema, &rows)?)?;
    }
    Ok(())
}
