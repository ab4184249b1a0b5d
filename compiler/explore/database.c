// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/database.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct database {
  sqlite3 *db;
  sqlite3_stmt *find, *add;
  char *path;
};

// What SQLite keeps in a file to say whose it is ("axgn"), and the version of the table.
#define APPLICATION "1635280750"
#define VERSION "1"

static bool failed(const database *db, diag *d) {
  return diag_error(d, "%s: %s", db->path, db->db ? sqlite3_errmsg(db->db) : "out of memory");
}

// Of a file that is no database of ours, or that cannot be one.
static bool unusable(diag *d) {
  diag_note(d, "remove it (all that it remembers is evaluated again), or name another folder with --output");
  return false;
}

static int number(database *db, const char *pragma) {
  sqlite3_stmt *s = NULL;
  int value = -1;
  if (sqlite3_prepare_v2(db->db, pragma, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
    value = sqlite3_column_int(s, 0);
  sqlite3_finalize(s);
  return value;
}

static bool open_tables(database *db, diag *d) {
  static const char make[] =
      "PRAGMA application_id = " APPLICATION "; PRAGMA user_version = " VERSION ";"
      "CREATE TABLE evaluations (key TEXT PRIMARY KEY, images INTEGER NOT NULL, correct INTEGER "
      "NOT NULL, worse INTEGER NOT NULL, better INTEGER NOT NULL, loss REAL, seconds REAL NOT NULL);";
  if (sqlite3_exec(db->db, "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT;", NULL, NULL, NULL) != SQLITE_OK)
    return sqlite3_errcode(db->db) == SQLITE_BUSY ? diag_error(d, "%s: another axgen is at work on it", db->path)
                                                  : failed(db, d) || unusable(d);
  bool fresh = number(db, "SELECT count(*) FROM sqlite_master") == 0;
  if (fresh && sqlite3_exec(db->db, make, NULL, NULL, NULL) != SQLITE_OK)
    return failed(db, d) || unusable(d);
  if (number(db, "PRAGMA application_id") != atoi(APPLICATION) || number(db, "PRAGMA user_version") != atoi(VERSION))
    return diag_error(d, "%s: not a database of this version of `axgen explore`", db->path) || unusable(d);
  if (sqlite3_prepare_v2(db->db, "SELECT images, correct, worse, better, loss, seconds FROM evaluations WHERE key = ?",
                         -1, &db->find, NULL) != SQLITE_OK ||
      sqlite3_prepare_v2(db->db, "INSERT OR REPLACE INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?)", -1, &db->add,
                         NULL) != SQLITE_OK)
    return failed(db, d) || unusable(d);
  return true;
}

// SQLite's NOFOLLOW refuses links in any folder of a path, and only the last name must be none.
static const char *without_links(arena *mem, const char *path) {
  const char *slash = strrchr(path, '/');
  char *folder = realpath(!slash          ? "."
                          : slash == path ? "/"
                                          : arena_printf(mem, "%.*s", (int)(slash - path), path),
                          NULL);
  const char *out = folder ? path_join(mem, folder, slash ? slash + 1 : path) : path;
  free(folder);
  return out;
}

database *database_open(const char *path, diag *d) {
  database *db = calloc(1, sizeof *db);
  assert(db);
  db->path = strdup(path);
  arena *mem = arena_new();
  bool ok = sqlite3_open_v2(without_links(mem, path), &db->db,
                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW, NULL) == SQLITE_OK ||
            failed(db, d) || unusable(d);
  arena_free(mem);
  if (ok && open_tables(db, d))
    return db;
  database_close(db);
  return NULL;
}

void database_close(database *db) {
  if (!db)
    return;
  sqlite3_finalize(db->find);
  sqlite3_finalize(db->add);
  sqlite3_close(db->db);
  free(db->path);
  free(db);
}

bool database_find(database *db, const char *key, database_row *out) {
  sqlite3_reset(db->find);
  sqlite3_bind_text(db->find, 1, key, -1, SQLITE_STATIC);
  if (sqlite3_step(db->find) != SQLITE_ROW)
    return false;
  int64_t n[4];
  for (int i = 0; i < 4; i++)
    n[i] = sqlite3_column_int64(db->find, i);
  int type = sqlite3_column_type(db->find, 4);
  double loss = sqlite3_column_double(db->find, 4);
  *out = (database_row){key,
                        (size_t)n[0],
                        (size_t)n[1],
                        (size_t)n[2],
                        (size_t)n[3],
                        type == SQLITE_NULL ? NAN : loss,
                        sqlite3_column_double(db->find, 5)};
  // Somebody else's numbers are not believed where they cannot be.
  return type != SQLITE_TEXT && type != SQLITE_BLOB && isfinite(loss) && n[0] > 0 && n[1] >= 0 && n[1] <= n[0] &&
         n[2] >= 0 && n[3] >= 0 && n[2] <= n[0] && n[3] <= n[0];
}

bool database_add(database *db, const database_row *row, diag *d) {
  sqlite3_reset(db->add);
  sqlite3_bind_text(db->add, 1, row->key, -1, SQLITE_STATIC);
  const size_t n[] = {row->images, row->correct, row->worse, row->better};
  for (int i = 0; i < 4; i++)
    sqlite3_bind_int64(db->add, i + 2, (int64_t)n[i]);
  if (isfinite(row->loss))
    sqlite3_bind_double(db->add, 6, row->loss);
  else
    sqlite3_bind_null(db->add, 6);
  sqlite3_bind_double(db->add, 7, row->seconds);
  return sqlite3_step(db->add) == SQLITE_DONE || failed(db, d) ||
         (sqlite3_errcode(db->db) == SQLITE_CORRUPT && unusable(d));
}
