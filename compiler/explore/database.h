// SPDX-License-Identifier: Apache-2.0
//
// database: what was evaluated, in one SQLite file: an exploration that was killed goes on where it was, and nothing is
// evaluated twice.
#ifndef AXGEN_DATABASE_H
#define AXGEN_DATABASE_H

#include "compiler/base/base.h"

typedef struct database database;

// One evaluation. key: a hash of everything that the answer depends on.
typedef struct {
  const char *key;
  size_t images, correct;
  size_t worse, better; // images that only the exact network has right, and only this one
  double loss, seconds; // mean cross-entropy
} database_row;

// Makes the file where there is none; it is the exploration's own until database_close. NULL with a message: not a
// database of axgen's, another exploration has it open, or it cannot be written.
database *database_open(const char *path, diag *d);
void database_close(database *db); // NULL is fine
// False: not there.
bool database_find(database *db, const char *key, database_row *out);
// Is on the disk when this returns. False with a message.
bool database_add(database *db, const database_row *row, diag *d);

#endif
