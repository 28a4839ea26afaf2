//! Keeps members, epochs and allocations in SQL. All SQL of the oracle is in this folder.
//!
//! The chain is the truth for what was paid; these tables say why, and can be rebuilt from the
//! events. Amounts are `i64` base units.

mod arrivals;
mod epochs;
mod inbox;
mod leases;
mod links;
mod lookup_tables;
mod member_changes;
mod members;
mod outbox;
mod profiles;
mod reconciliations;
mod rejections;
mod replays;
mod segments;
mod signers;
mod sources;

use std::pin::Pin;
use std::str::FromStr;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, Row, SqlSafeStr};

use crate::identity::IdentityError;

pub use arrivals::{Arrival, ArrivalOutcome, Cursor, Seen};
pub use epochs::{MemberSum, Sums};
pub use inbox::{InboxEvent, PushedDelivery};
pub use leases::StoredLease;
pub use links::{LinkCodeState, LinkProof, StoredChallenge};
pub use outbox::{Allowance, Entered, OutboxEntry, OutboxSums, Settlement};
pub use profiles::{Profile, RoleHeld, WalletLinked};
pub use reconciliations::Reconciliation;
pub use rejections::{RejectionFilter, StoredRejection};
pub use replays::Replay;
pub use segments::Segment;
pub use signers::Signer;
pub use sources::SourceCounts;

/// Every migration by its version; append-only.
const MIGRATIONS: [(i64, &str, &str); 7] = [
    (20_261_121_000_000, "ledger", include_str!("../../../migrations/20261121000000_ledger.sql")),
    (20_261_121_100_000, "events", include_str!("../../../migrations/20261121100000_events.sql")),
    (
        20_261_121_110_000,
        "identity",
        include_str!("../../../migrations/20261121110000_identity.sql"),
    ),
    (
        20_261_121_120_000,
        "reconciliations",
        include_str!("../../../migrations/20261121120000_reconciliations.sql"),
    ),
    (
        20_261_121_150_000,
        "artifacts",
        include_str!("../../../migrations/20261121150000_artifacts.sql"),
    ),
    (
        20_261_125_130_000,
        "lookup_tables",
        include_str!("../../../migrations/20261125130000_lookup_tables.sql"),
    ),
    (20_261_125_150_000, "outbox", include_str!("../../../migrations/20261125150000_outbox.sql")),
];

/// Connections to PostgreSQL, so that who asks waits for nobody else's transaction. What must not
/// happen at once is kept apart by rows that each transaction changes first, as between processes.
const POSTGRES_CONNECTIONS: u32 = 5;

/// A database of the oracle's.
#[derive(Clone, Debug)]
pub struct Store {
    pool: AnyPool,
}

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or a statement fails.
    #[error("the database: {0}")]
    Sql(#[from] sqlx::Error),
    /// The tables cannot be brought to this version.
    #[error("the database's migrations: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// It was never set up, or by another version.
    #[error(
        "the database is not of this version: any command that writes, such as `stk-oracle status`, \
         brings it up to date"
    )]
    Outdated,
    /// An amount is too large for SQL's 64-bit integers.
    #[error("{0} does not fit a 64-bit signed integer")]
    Range(u64),
    /// An identity cannot be changed so; nothing was.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A row holds what was never written by this version.
    #[error("the table {table} of the database: {problem}")]
    Row {
        /// The table.
        table: &'static str,
        /// What is wrong.
        problem: String,
    },
}

impl Store {
    /// Opens a database by its URL, `sqlite::memory:` or `sqlite://file.db?mode=rwc`, and brings its
    /// tables up to date.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened or is of a later version.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let pool = connect(url, pool_options(|connection| Box::pin(set_up(connection)))).await?;
        migrate(&pool).await?;
        Ok(Self { pool })
    }

    /// Opens a database that is there and up to date for reading alone: it refuses whatever would
    /// change it.
    ///
    /// # Errors
    /// [`StoreError`] when it is not there, cannot be opened or is of another version.
    pub async fn open_to_read(url: &str) -> Result<Self, StoreError> {
        // A file that is not there is not made.
        let url = url.replace("mode=rwc", "mode=rw");
        let pool =
            connect(&url, pool_options(|connection| Box::pin(only_read(connection)))).await?;
        let migrated = sqlx::query("SELECT COUNT(*) FROM _sqlx_migrations").fetch_one(&pool).await;
        let migrated: i64 = migrated.map_err(|_| StoreError::Outdated)?.try_get(0)?;
        if usize::try_from(migrated) != Ok(MIGRATIONS.len()) {
            return Err(StoreError::Outdated);
        }
        Ok(Self { pool })
    }
}

/// What is done with a new connection.
type SetUp = fn(
    &mut sqlx::AnyConnection,
) -> Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + '_>>;

fn pool_options(set_up: SetUp) -> AnyPoolOptions {
    AnyPoolOptions::new()
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| set_up(connection))
}

async fn connect(url: &str, pool: AnyPoolOptions) -> Result<AnyPool, StoreError> {
    sqlx::any::install_default_drivers();
    let options = AnyConnectOptions::from_str(url)?;
    // SQLite writes one at a time, and each connection to an in-memory database would be a database
    // of its own.
    let is_sqlite = options.database_url.scheme() == "sqlite";
    let connections = if is_sqlite { 1 } else { POSTGRES_CONNECTIONS };
    Ok(pool.max_connections(connections).connect_with(options).await?)
}

/// Makes every statement of a transaction, of which none was made yet, see one moment. SQLite's do so
/// anyway.
async fn see_one_moment(connection: &mut sqlx::AnyConnection) -> Result<(), sqlx::Error> {
    if connection.backend_name() == "PostgreSQL" {
        let setting = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
        sqlx::query(setting).execute(connection).await?;
    }
    Ok(())
}

/// Makes SQLite fit for several processes: they wait for each other, readers wait for nobody, and
/// what was committed survives a power failure.
async fn set_up(connection: &mut sqlx::AnyConnection) -> Result<(), sqlx::Error> {
    if connection.backend_name() != "SQLite" {
        return Ok(());
    }
    // Waiting comes first: the others need the database for themselves for a moment.
    for setting in
        ["PRAGMA busy_timeout = 60000", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"]
    {
        sqlx::query(setting).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Makes a connection refuse whatever would change the database.
async fn only_read(connection: &mut sqlx::AnyConnection) -> Result<(), sqlx::Error> {
    let settings: &[&str] = match connection.backend_name() {
        "SQLite" => &["PRAGMA busy_timeout = 60000", "PRAGMA query_only = ON"],
        _ => &["SET default_transaction_read_only = on"],
    };
    for setting in settings {
        sqlx::query(*setting).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Brings the tables up to date. SQLite lets two processes begin the same migration, of which the
/// second one fails: then it is done, and there is one fewer to do.
async fn migrate(pool: &AnyPool) -> Result<(), StoreError> {
    for _ in 0..MIGRATIONS.len() {
        if migrator().run(pool).await.is_ok() {
            return Ok(());
        }
    }
    Ok(migrator().run(pool).await?)
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.map(|(version, description, sql)| {
        let kind = MigrationType::Simple;
        Migration::new(version, description.into(), kind, sql.into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.into())
}

fn to_sql(amount: u64) -> Result<i64, StoreError> {
    i64::try_from(amount).map_err(|_| StoreError::Range(amount))
}

fn from_sql(amount: i64) -> u64 {
    // What is written never is negative.
    u64::try_from(amount).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_in_migrations_is_run() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let listed: Vec<_> = MIGRATIONS
            .iter()
            .map(|(version, description, _)| format!("{version}_{description}.sql"))
            .collect();
        assert_eq!(files, listed);
    }

    #[tokio::test]
    async fn opening_twice_migrates_once() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("oracle.db").display());
        for _ in 0..2 {
            Store::open(&url).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_opened_is_an_error() {
        assert!(Store::open("sqlite:///nowhere/oracle.db").await.is_err());
        assert!(Store::open("gopher://oracle").await.is_err());
        assert!(Store::open_to_read("sqlite:///nowhere/oracle.db?mode=rwc").await.is_err());
    }

    #[tokio::test]
    async fn who_only_reads_makes_no_database_and_is_refused_to_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("oracle.db");
        let url = format!("sqlite://{}?mode=rwc", path.display());
        assert!(Store::open_to_read(&url).await.is_err());
        assert!(!path.exists());
        // What another program made is no database of ours
        std::fs::write(&path, "").unwrap();
        let error = Store::open_to_read(&url).await.unwrap_err();
        assert!(matches!(error, StoreError::Outdated), "{error}");
        let written = Store::open(&url).await.unwrap();
        let read = Store::open_to_read(&url).await.unwrap();
        let alias = || crate::identity::Alias::new("club", "anna");
        let add = |store: Store| async move {
            store.update_members(0, |members| members.add(alias())).await
        };
        assert!(matches!(add(read.clone()).await, Err(StoreError::Sql(_))));
        add(written).await.unwrap();
        assert_eq!(read.get_members().await.unwrap().len(), 1);
    }
}
