//! The ledger through its public face, on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, reason = "a scenario that cannot go on fails")]
#[path = "../support/postgres.rs"]
mod postgres;

mod appending;
mod deltas;
mod fixture;
mod reading;
mod standing;
mod tampering;

use fixture::Fixture;

/// Every scenario, once on SQLite as a test of its own, then all of them on one PostgreSQL.
macro_rules! scenarios {
    ($($module:ident::$name:ident),+ $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    let directory = tempfile::tempdir().unwrap();
                    super::$module::$name(super::Fixture::sqlite(directory.path()).await).await;
                }
            )+
        }

        #[tokio::test]
        async fn on_postgresql() {
            let Some(server) = postgres::Postgres::start() else { return };
            $(
                println!("{}", stringify!($name));
                $module::$name(Fixture::postgres(&server.database(stringify!($name))).await).await;
            )+
        }
    };
}

scenarios! {
    appending::versions_follow_each_other,
    appending::a_moved_head_is_a_conflict,
    appending::a_failing_row_appends_nothing,
    appending::what_is_told_as_appended_stands_though_the_database_was_full,
    appending::time_never_goes_back,
    appending::many_rows_are_written_in_chunks,
    appending::a_state_changes_only_where_a_record_is,
    reading::the_image_is_that_of_its_version,
    reading::a_closed_record_leaves_the_image_and_comes_back,
    reading::a_bad_record_keeps_its_last_good_facts,
    reading::sources_tell_their_runs,
    reading::rejections_are_those_of_the_last_run_that_read,
    reading::references_lead_to_projects,
    reading::another_number_of_one_numbering_ends_the_one_before,
    reading::statements_are_unfolded_for_sql,
    reading::erasures_and_sealed_rows_are_read_in_order,
    standing::a_source_stands_by_its_last_full_read,
    standing::what_was_not_read_again_keeps_its_rejections,
    deltas::a_delta_is_the_difference_of_two_images,
    tampering::a_sound_ledger_verifies,
    tampering::equal_entries_have_different_heads,
    tampering::an_entry_of_before_has_no_salt,
    tampering::every_changed_column_is_found,
    tampering::missing_and_added_rows_are_found,
    tampering::no_row_can_be_changed_or_deleted,
    tampering::a_long_append_leaves_every_trigger_where_it_was,
}

#[tokio::test(flavor = "multi_thread")]
async fn many_open_a_new_ledger_in_postgresql_at_once() {
    let Some(server) = postgres::Postgres::start() else { return };
    let url = server.database("at_once");
    let opened = futures_util::future::join_all((0..6).map(|_| passerelle::ledger::Ledger::open(&url))).await;
    for ledger in opened {
        assert_eq!(ledger.expect("opened").head().await.expect("a head").version.0, 0);
    }
}
