//! What must hold in `[driver]`, `[reshape]` and `[lookup]` beyond the shape of their words.

use super::Compiler;
use crate::connector::driver::auth::AuthSettings;
use crate::connector::driver::settings::{
    DriverSettings, GraphqlSettings, HttpJsonSettings, JoinSettings, Limits, Paging, Sheet,
};
use crate::connector::manifest::problem::Path;
use crate::connector::manifest::{KeyKind, Lookup, Manifest};
use crate::connector::node::DEPTH_MAX;
use crate::connector::reshape;
use std::collections::BTreeMap;

impl Compiler<'_> {
    /// Checks the settings; the drivers read them as they are.
    pub fn settings(&mut self, manifest: &Manifest) {
        let at = Path::root().key("driver");
        let place =
            |base: &Option<String>, place: &str| base.as_deref().is_some_and(|b| !b.is_empty()) || !place.is_empty();
        match &manifest.driver {
            DriverSettings::HttpJson(settings) => {
                self.somewhere(&at, place(&settings.base, &settings.url), "url");
                self.no_secret(&at, (settings.base.as_deref(), "url", &settings.url));
                self.http_json(&at, settings);
            }
            DriverSettings::Delimited(settings) => {
                self.somewhere(&at, place(&settings.base, &settings.path), "path");
                self.no_secret(&at, (settings.base.as_deref(), "path", &settings.path));
                let delimiter = settings.delimiter.as_str();
                if !(matches!(delimiter, "auto" | "tab") || delimiter.len() == 1 && delimiter.is_ascii()) {
                    self.problem(&at.key("delimiter"), "allowed: auto, tab, or one ASCII character");
                }
                let encoding = settings.encoding.as_str();
                if encoding != "auto" && encoding_rs::Encoding::for_label(encoding.as_bytes()).is_none() {
                    self.problem(
                        &at.key("encoding"),
                        "allowed: auto, or a WHATWG label (utf-8, windows-1252, utf-16le)",
                    );
                }
                self.header(&at, settings.header_row, settings.header_rows);
                if let Some(join) = &settings.join {
                    let at = at.key("join");
                    self.somewhere(&at, !join.path.is_empty(), "path");
                    if join.sheet.is_some() {
                        self.problem(&at.key("sheet"), "a text has no sheets: name the second file by `path`");
                    }
                    self.join(&at, join);
                }
            }
            DriverSettings::Spreadsheet(settings) => {
                self.somewhere(&at, place(&settings.base, &settings.path), "path");
                self.no_secret(&at, (settings.base.as_deref(), "path", &settings.path));
                self.header(&at, settings.header_row, settings.header_rows);
                if settings.sheet == Some(Sheet::Position(0)) {
                    self.problem(&at.key("sheet"), "sheets are counted from 1");
                }
                if let Some(join) = &settings.join {
                    let at = at.key("join");
                    if join.path.is_empty() && join.sheet.as_ref().is_none_or(|sheet| sheet == settings.first_sheet()) {
                        self.problem(&at, "the second table is the first one: name another `sheet`, or a `path`");
                    }
                    self.join(&at, join);
                }
            }
            DriverSettings::Sql(settings) => {
                self.somewhere(&at, place(&settings.base, &settings.url), "url");
                self.no_password(&at.key("base"), settings.base.as_deref().unwrap_or_default());
                self.no_password(&at.key("url"), &settings.url);
                let query = settings.query.trim_start().to_lowercase();
                if !query.starts_with("select") && !query.starts_with("with") {
                    self.problem(&at.key("query"), "the query must be one SELECT");
                }
            }
            DriverSettings::Graphql(settings) => {
                self.somewhere(&at, place(&settings.base, &settings.url), "url");
                self.no_secret(&at, (settings.base.as_deref(), "url", &settings.url));
                self.graphql(&at, settings);
            }
        }
        if let Some((word, what)) = manifest.driver.auth().and_then(AuthSettings::problem) {
            self.problem(&at.key("auth").key(word), what);
        }
        self.limits(&at, manifest.driver.limits());
        self.reshape_and_lookup(manifest);
    }

    /// A manifest is shown and shared: what a header says who asks with is named there, never written.
    fn headers(&mut self, at: &Path, headers: &BTreeMap<String, String>) {
        for name in headers.keys().filter(|name| tells_who_asks(name)) {
            self.problem(
                &at.key("headers").key(name),
                "a secret is not written in a manifest: name it by `auth` (kind `bearer`, `basic`, or `api-key` with `header`), \
                 and say where it is in `[sources.ID.secrets]`",
            );
        }
    }

    /// Nor what stands for one in an address: a user, or a parameter that says who asks.
    fn no_secret(&mut self, at: &Path, (base, word, url): (Option<&str>, &str, &str)) {
        for (word, text) in [("base", base.unwrap_or_default()), (word, url)] {
            let has_user =
                url::Url::parse(text).is_ok_and(|url| !url.username().is_empty() || url.password().is_some());
            let query = text.split_once('?').map_or("", |(_, query)| query);
            let mut parameters = url::form_urlencoded::parse(query.as_bytes());
            if has_user || parameters.any(|(name, value)| !value.is_empty() && tells_who_asks(&name)) {
                self.problem(
                    &at.key(word),
                    "a secret is not written in a manifest: name it by `auth` (kind `basic`, or `api-key` with `param`), and say where \
                     it is in `[sources.ID.secrets]`",
                );
            }
        }
    }

    fn no_password(&mut self, at: &Path, database: &str) {
        let Ok(url) = url::Url::parse(database) else { return };
        if url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password") {
            self.problem(
                at,
                "a password is not written in a manifest: say where it is in `[sources.ID.secrets]`, as `password`",
            );
        }
    }

    fn limits(&mut self, at: &Path, limits: &Limits) {
        for (word, limit) in [
            ("bytes-max", limits.bytes_max),
            ("rows-max", limits.rows_max),
            ("seconds-max", limits.seconds_max),
            ("pages-max", limits.pages_max),
            ("depth-max", limits.depth_max.into()),
        ] {
            if limit == 0 {
                self.problem(&at.key("limits").key(word), "a limit of zero reads nothing");
            }
        }
        if limits.depth_max as usize > DEPTH_MAX {
            self.problem(
                &at.key("limits").key("depth-max"),
                format!("{DEPTH_MAX} at most: reading takes a part of the stack for each level"),
            );
        }
    }

    fn graphql(&mut self, at: &Path, settings: &GraphqlSettings) {
        self.headers(at, &settings.headers);
        self.pointer(&at.key("records"), &settings.records);
        self.pointer(&at.key("total"), settings.total.as_deref().unwrap_or_default());
        for word in ["pageInfo", "hasNextPage", "endCursor"] {
            if !settings.query.contains(word) {
                self.problem(&at.key("query"), format!("the query must ask for `{word}`: it says where the list ends"));
            }
        }
        let variables = std::iter::once(&settings.cursor_variable).chain(&settings.size_variable);
        for variable in variables.filter(|variable| !settings.query.contains(&format!("${variable}"))) {
            self.problem(&at.key("query"), format!("the query has no variable `${variable}`"));
        }
        if settings.size_variable.is_some() != settings.size.is_some() {
            self.problem(at, "`size-variable` and `size` go together");
        }
        if settings.size == Some(0) {
            self.problem(&at.key("size"), "a page of zero records never ends");
        }
    }

    fn join(&mut self, at: &Path, join: &JoinSettings) {
        for (word, text) in [("key", &join.key), ("with", &join.with), ("as", &join.name)] {
            if text.trim().is_empty() {
                self.problem(&at.key(word), "an empty name names no field");
            }
        }
        if join.rows_max == 0 {
            self.problem(&at.key("rows-max"), "a limit of zero reads nothing");
        }
    }

    fn somewhere(&mut self, at: &Path, there: bool, word: &str) {
        if !there {
            self.problem(at, format!("`{word}` is missing (or a `base` that is the place itself)"));
        }
    }

    fn header(&mut self, at: &Path, row: Option<u32>, rows: u32) {
        if row == Some(0) {
            self.problem(&at.key("header-row"), "rows are counted from 1");
        }
        if !(1..=2).contains(&rows) {
            self.problem(&at.key("header-rows"), "a header has one row or two");
        }
    }

    fn http_json(&mut self, at: &Path, settings: &HttpJsonSettings) {
        self.headers(at, &settings.headers);
        self.pointer(&at.key("records"), &settings.records);
        let paging = at.key("paging");
        let (pointers, size) = match &settings.paging {
            Paging::None => (vec![], None),
            Paging::Offset(offset) => (vec![("total", offset.total.as_deref())], Some(offset.size)),
            Paging::Page(page) => (vec![("total", page.total.as_deref())], Some(page.size)),
            Paging::Cursor(cursor) => {
                (vec![("total", cursor.total.as_deref()), ("next", Some(&*cursor.next))], cursor.size)
            }
            Paging::NextLink(link) => (vec![("total", link.total.as_deref()), ("next", Some(&*link.next))], None),
        };
        if matches!(&settings.paging, Paging::Offset(offset) if offset.reach.is_some() && offset.total.is_none()) {
            self.problem(&paging.key("reach"), "without a `total` nobody would know that records lie beyond");
        }
        for (word, pointer) in pointers {
            self.pointer(&paging.key(word), pointer.unwrap_or_default());
        }
        if size == Some(0) {
            self.problem(&paging.key("size"), "a page of zero records never ends");
        }
        if !settings.also.is_empty() && settings.since.is_some() {
            self.problem(
                &at.key("also"),
                "what changed is asked for in one list: `also` and `since` exclude each other",
            );
        }
        if settings.also.iter().any(|list| list.trim().is_empty() || *list == settings.url) {
            self.problem(&at.key("also"), "a further list is named, and is another one than `url`");
        }
    }

    fn pointer(&mut self, at: &Path, pointer: &str) {
        if !pointer.is_empty() && !pointer.starts_with('/') {
            self.problem(at, format!("« {pointer} » is no JSON Pointer: it begins with /"));
        }
    }

    fn reshape_and_lookup(&mut self, manifest: &Manifest) {
        if let Some(reshape) = &manifest.reshape
            && let Err(what) = reshape::check(&reshape.jq)
        {
            self.problem(&Path::root().key("reshape").key("jq"), what);
        }
        if let Some(lookup) = &manifest.lookup {
            let at = Path::root().key("lookup");
            match &manifest.driver {
                DriverSettings::HttpJson(_) => self.lookup_by_url(&at, lookup),
                DriverSettings::Graphql(_) => self.lookup_by_query(&at, lookup),
                DriverSettings::Sql(_) => self.lookup_by_column(&at, lookup),
                _ => self.problem(&at, "a look-up needs a driver of the kind http-json, graphql or sql"),
            }
            if lookup.keys_max == 0 {
                self.problem(&at.key("keys-max"), "at least one key must be asked for at once");
            }
            self.pointer(&at.key("records"), &lookup.records);
        }
    }

    fn lookup_by_url(&mut self, at: &Path, lookup: &Lookup) {
        if !lookup.url.as_ref().is_some_and(|url| url.contains("{key}")) {
            self.problem(&at.key("url"), "the URL must hold {key} where the record's key stands");
        }
        self.not_for(at, lookup, ("http-json", &["url", "records"]));
    }

    fn lookup_by_column(&mut self, at: &Path, lookup: &Lookup) {
        if lookup.column.as_deref().is_none_or(str::is_empty) {
            self.problem(at, "`column` is needed: the column of `query` that holds the key");
        }
        self.not_for(at, lookup, ("sql", &["column"]));
    }

    /// Words of other kinds of drivers.
    fn not_for(&mut self, at: &Path, lookup: &Lookup, (kind, taken): (&str, &[&str])) {
        let stated = [
            ("url", lookup.url.is_some()),
            ("query", lookup.query.is_some()),
            ("variable", lookup.variable.is_some()),
            ("as", lookup.key_kind != KeyKind::Text),
            ("column", lookup.column.is_some()),
            ("records", !lookup.records.is_empty()),
        ];
        for (word, is_stated) in stated {
            if is_stated && !taken.contains(&word) {
                let words = taken.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
                self.problem(&at.key(word), format!("is for another kind of driver: {kind} takes {words}"));
            }
        }
    }

    fn lookup_by_query(&mut self, at: &Path, lookup: &Lookup) {
        self.not_for(at, lookup, ("graphql", &["query", "variable", "as", "records"]));
        match (&lookup.query, &lookup.variable) {
            (Some(query), Some(variable)) if !query.contains(&format!("${variable}")) => {
                self.problem(&at.key("query"), format!("the query has no variable `${variable}`"));
            }
            (Some(_), Some(_)) => {}
            _ => self.problem(at, "`query` and `variable` (which carries the keys) are needed"),
        }
        if lookup.records.is_empty() {
            self.problem(&at.key("records"), "must point into the answer's data: /data/…");
        }
    }
}

/// Is this a header whose value is a secret?
fn tells_who_asks(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    let words: Vec<&str> = name.split(['-', '_']).collect();
    let is = |word: &str| words.contains(&word);
    let is_key = is("key") && (is("api") || is("access") || is("subscription") || is("auth") || is("secret"));
    is_key || ["authorization", "cookie", "apikey", "token", "secret", "password", "credentials"].into_iter().any(is)
}
