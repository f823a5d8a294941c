//! Transactions over a pool of connections, for whatever writes into a database: one that is told as done is done.
//!
//! SQLite undoes a transaction by itself when a write or a commit of it fails for want of room. `sqlx` then finds nothing to roll back
//! and still counts that transaction as open: the next one on this connection would be a savepoint in it, whose release says
//! "done" of what nobody ever commits.

use sea_orm::{
    ConnectOptions, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _, sqlx,
};
use sqlx::Connection as _;

/// Lets the pool hand out no connection that counts a transaction as open: it is closed, and another one is opened. So every
/// transaction begins as one of its own, and there is nothing to mend once there is room again.
pub fn never_in_transaction(options: &mut ConnectOptions) -> &mut ConnectOptions {
    // What was rolled back by being dropped is over by then: the pool asks the connection for an answer before this.
    options.test_before_acquire(true).map_sqlx_sqlite_pool_opts(|options| {
        options.before_acquire(|connection, _| {
            let free = !connection.is_in_transaction();
            if !free {
                tracing::warn!(
                    "a write failed and left its connection in doubt: the connection is closed, another is opened"
                );
            }
            Box::pin(async move { Ok(free) })
        })
    })
}

/// Begins a transaction that takes the turn of writing at once: one that began by reading could not write any more once another
/// process wrote.
///
/// # Errors
/// The database does not answer, or others write for too long.
pub async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
    db.begin_with_options(TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() }).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
    use std::path::Path;

    async fn connect(file: &Path) -> DatabaseConnection {
        let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
        never_in_transaction(options.max_connections(1).sqlx_logging(false));
        Database::connect(options).await.unwrap()
    }

    async fn count(db: &DatabaseConnection) -> i64 {
        let sql = Statement::from_string(DbBackend::Sqlite, "SELECT COUNT(*) FROM t");
        db.query_one_raw(sql).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    async fn insert(db: &DatabaseConnection) -> Result<(), DbErr> {
        let transaction = begin(db).await?;
        transaction.execute_unprepared("INSERT INTO t VALUES (randomblob(20000))").await?;
        transaction.commit().await
    }

    #[tokio::test]
    async fn what_is_told_as_committed_stands_after_a_commit_that_failed() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("t.sqlite");
        let (here, there) = (connect(&file).await, connect(&file).await);
        here.execute_unprepared("CREATE TABLE t (x)").await.unwrap();
        // What SQLite does by itself when a commit fails for want of room.
        let transaction = begin(&here).await.unwrap();
        transaction.execute_unprepared("INSERT INTO t VALUES (1)").await.unwrap();
        transaction.execute_unprepared("ROLLBACK").await.unwrap();
        transaction.commit().await.expect_err("nothing is left to commit");
        for expected in 1..=3 {
            insert(&here).await.unwrap();
            assert_eq!((count(&here).await, count(&there).await), (expected, expected));
        }
        insert(&there).await.unwrap();
    }

    #[tokio::test]
    async fn a_full_database_takes_nothing_and_takes_again_once_there_is_room() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("t.sqlite");
        let (here, there) = (connect(&file).await, connect(&file).await);
        here.execute_unprepared("PRAGMA journal_mode = WAL; CREATE TABLE t (x)").await.unwrap();
        let mut taken = 0;
        for _ in 0..4 {
            // The limit is one of the connection: a connection that was closed takes it along.
            here.execute_unprepared("PRAGMA max_page_count = 10").await.unwrap();
            taken += i64::from(insert(&here).await.is_ok());
            assert_eq!(count(&there).await, taken, "what was told as taken, and nothing else");
        }
        assert_eq!(taken, 1, "two do not fit");
        insert(&here).await.unwrap();
        insert(&there).await.unwrap();
        assert_eq!(count(&there).await, taken + 2);
    }

    #[tokio::test]
    async fn what_was_dropped_half_way_costs_no_connection() {
        let directory = tempfile::tempdir().unwrap();
        let here = connect(&directory.path().join("t.sqlite")).await;
        here.execute_unprepared("CREATE TABLE t (x); CREATE TEMP TABLE mark (x)").await.unwrap();
        for _ in 0..50 {
            let transaction = begin(&here).await.unwrap();
            transaction.execute_unprepared("INSERT INTO t VALUES (1)").await.unwrap();
            drop(transaction);
        }
        assert_eq!(count(&here).await, 0);
        // A table of this one connection.
        here.execute_unprepared("SELECT * FROM mark").await.unwrap();
    }
}
