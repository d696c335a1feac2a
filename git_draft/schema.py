"""The schema of the index, version by version, as data for `store.py`."""

MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE folios (number INTEGER PRIMARY KEY, origin TEXT);
    CREATE TABLE drafts (
        folio INTEGER NOT NULL, number INTEGER NOT NULL,
        oid TEXT NOT NULL, parent TEXT NOT NULL,
        sync_head TEXT, sync_tree TEXT, -- of the sync commit, where the parent is one
        message TEXT NOT NULL, note TEXT NOT NULL,
        PRIMARY KEY (folio, number)
    ) WITHOUT ROWID;
    CREATE INDEX drafts_by_state ON drafts (folio, sync_head, sync_tree);
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, start TEXT NOT NULL, folio INTEGER NOT NULL,
        prompt TEXT NOT NULL, bot TEXT NOT NULL, base TEXT NOT NULL, tree TEXT NOT NULL,
        started TEXT NOT NULL, ended TEXT, outcome TEXT, number INTEGER
    );
    CREATE INDEX runs_by_folio ON runs (folio);
    CREATE INDEX runs_under_way ON runs (id) WHERE ended IS NULL;
    CREATE TABLE events (
        id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs (id), time TEXT NOT NULL, body TEXT NOT NULL
    );
    CREATE INDEX events_by_run ON events (run);
    CREATE TABLE locks (
        id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, start TEXT NOT NULL, refs TEXT NOT NULL, since_s REAL NOT NULL
    );
    """,
    """
    CREATE TABLE learned (
        endpoint TEXT NOT NULL, model TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (endpoint, model, key)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE runs ADD COLUMN sibling_of INTEGER /* the first of the runs that began together; NULL for itself */;
    ALTER TABLE runs ADD COLUMN is_stop_asked INTEGER NOT NULL DEFAULT 0;
    """,
    """
    ALTER TABLE drafts ADD COLUMN is_tallied INTEGER NOT NULL DEFAULT 0 /* whether the next ones were read from the note */;
    ALTER TABLE drafts ADD COLUMN bot TEXT;
    ALTER TABLE drafts ADD COLUMN model TEXT;
    ALTER TABLE drafts ADD COLUMN template TEXT;
    ALTER TABLE drafts ADD COLUMN outcome TEXT;
    ALTER TABLE drafts ADD COLUMN part_of TEXT;
    ALTER TABLE drafts ADD COLUMN started_s REAL;
    ALTER TABLE drafts ADD COLUMN walltime_s REAL;
    ALTER TABLE drafts ADD COLUMN tokens_in INTEGER;
    ALTER TABLE drafts ADD COLUMN tokens_out INTEGER;
    ALTER TABLE drafts ADD COLUMN tokens_cached INTEGER;
    ALTER TABLE drafts ADD COLUMN cost_usd TEXT;
    ALTER TABLE drafts ADD COLUMN merged_tip TEXT /* the folio's last commit when the next one was found out */;
    ALTER TABLE drafts ADD COLUMN is_merged INTEGER NOT NULL DEFAULT 0;
    """,
)
"""Each takes the schema one version up; one that has landed is never changed."""
