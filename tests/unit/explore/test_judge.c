// SPDX-License-Identifier: Apache-2.0
//
// The judge remembers, in memory and in its database; a file that is not its database stays as it is.
#include "tests/unit/explore/scene.h"

#include "compiler/explore/judge.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ASKED = 6 };

static char folder[] = "/tmp/axgen-judge-XXXXXX";

static const char *in_folder(arena *mem, const char *name) { return path_join(mem, folder, name); }

static judge_options options_of(const scene *s, database *db) {
  judge_options o = scene_judge(s, ASKED);
  o.db = db;
  return o;
}

static judge *judge_of(const judge_options *o) {
  diag d = {0};
  judge *j = judge_new(o, &d);
  if (!j)
    fail_msg("%s", d.text.data);
  return j;
}

static database *open_database(const char *path) {
  diag d = {0};
  database *db = database_open(path, &d);
  if (!db)
    fail_msg("%s", d.text.data);
  return db;
}

static void assert_same(const judged *a, const judged *b) {
  assert_true(a->drop == b->drop && a->result.loss == b->result.loss);
  assert_int_equal(a->result.images, b->result.images);
  assert_int_equal(a->result.correct, b->result.correct);
  assert_int_equal(a->worse, b->worse);
  assert_int_equal(a->better, b->better);
}

// What it answers is what the reference finds in the corrected network.
static void check(const scene *s, judge *j, const judged *p) {
  diag d = {0};
  correction c;
  if (!judge_correct(j, p->assign, s->mem, &c, &d))
    fail_msg("%s", d.text.data);
  network net = *s->net;
  net.nodes = arena_memdup(s->mem, net.nodes, net.count * sizeof *net.nodes);
  for (size_t i = 0; i < net.count; i++) {
    net.nodes[i].bias = c.bias[i] ? c.bias[i] : net.nodes[i].bias;
    net.nodes[i].mult = c.mult[i] ? c.mult[i] : net.nodes[i].mult;
  }
  infer_model corrected = {.net = &net, .muls = s->muls, .assign = p->assign},
              exact = {.net = s->net, .muls = s->muls, .assign = NULL};
  infer_accuracy now, before;
  assert_true(infer_evaluate(&corrected, &s->data, 0, s->data.count, &now));
  assert_true(infer_evaluate(&exact, &s->data, 0, s->data.count, &before));
  assert_int_equal(p->result.correct, now.correct);
  assert_int_equal(judge_exact(j)->correct, before.correct);
  assert_int_equal((int)before.correct - (int)now.correct, (int)p->worse - (int)p->better);
  assert_true(p->drop == ((double)p->worse - (double)p->better) / (double)s->data.count);
}

static void test_asked(void **state) {
  (void)state;
  rng r = rng_seed(71);
  for (int i = 0; i < 4; i++) {
    arena *mem = arena_new();
    scene s = scene_of(mem, &r, i, true);
    judge_options o = options_of(&s, NULL);
    judge *j = judge_of(&o);
    const judged *answer[ASKED];
    assignment *asked[ASKED];
    diag d = {0};
    for (int k = 0; k < ASKED; k++) {
      assert_false(judge_over(j));
      asked[k] = scene_assign(&s, k == 0 ? 0 : k == 1 ? 3 : -1);
      answer[k] = judge_ask(j, asked[k], 1 - 0.1 * k - DBL_EPSILON, &d);
      assert_non_null(answer[k]);
      assert_true(answer[k]->cost == round(1e9 * (1 - 0.1 * k)) / 1e9); // the last bits of a sum are no saving
      check(&s, j, answer[k]);
    }
    assert_true(answer[0]->drop == 0 && answer[0]->worse == 0);
    size_t run = judge_evaluations(j), count;
    for (int k = ASKED - 1; k >= 0; k--)
      assert_ptr_equal(judge_ask(j, asked[k], 5, &d), answer[k]);
    assert_int_equal(judge_evaluations(j), run);
    const judged *const *all = judge_all(j, &count);
    assert_int_equal(count, run);
    assert_ptr_equal(all[0], answer[0]);
    // No more than were allowed, and that is no error.
    while (!judge_over(j))
      assert_non_null(judge_ask(j, scene_assign(&s, -1), 1, &d));
    assert_int_equal(judge_evaluations(j), ASKED);
    int refused = 0;
    for (int k = 0; k < 20; k++) // a few of them were asked before
      refused += judge_ask(j, scene_assign(&s, -1), 1, &d) == NULL;
    assert_true(refused > 0 && judge_evaluations(j) == ASKED);
    assert_int_equal(d.errors, 0);
    assert_ptr_equal(judge_ask(j, asked[1], 1, &d), answer[1]);
    judge_free(j);
    arena_free(mem);
  }
}

static void test_measured(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(72);
  scene s = scene_of(mem, &r, 1, true);
  judge_options o = options_of(&s, NULL);
  o.test = &s.data;
  judge *j = judge_of(&o);
  diag d = {0};
  for (int k = 0; k < 3; k++) {
    const judged *p = judge_ask(j, scene_assign(&s, k ? -1 : 0), 1, &d);
    judge_measurement m;
    assert_true(judge_measure(j, p->assign, &m, &d)); // the same images: the same drop
    assert_true(m.drop == p->drop && m.lo <= m.drop && m.drop <= m.hi && m.exact.correct == judge_exact(j)->correct);
    assert_int_equal(m.result.correct, p->result.correct);
    // Exact against itself: no difference, and that was seen on few images.
    double n = (double)s.data.count + 2;
    assert_true(k || (m.lo == -m.hi && fabs(m.hi - 1.96 / n) < 1e-12));
  }
  judge_free(j);
  arena_free(mem);
}

static void test_interval(void **state) {
  (void)state;
  for (size_t n = 1; n <= 60; n++)
    for (size_t worse = 0; worse <= n; worse++) {
      double lo, hi, other_lo, other_hi, drop = ((double)worse - (double)(n - worse)) / (double)n;
      judge_interval(worse, n - worse, n, &lo, &hi);
      assert_true(-1 <= lo && lo <= drop && drop <= hi && hi <= 1);
      judge_interval(n - worse, worse, n, &other_lo, &other_hi);
      assert_true(fabs(lo + other_hi) < 1e-12 && fabs(hi + other_lo) < 1e-12);
    }
}

// What was measured on test images is on the disk at once: a second judge runs nothing, but where the images differ.
static void test_measured_again(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(74);
  scene s = scene_of(mem, &r, 1, true);
  database *db = open_database(in_folder(mem, "measured.db"));
  judge_options o = options_of(&s, db);
  o.test = &s.data;
  diag d = {0};
  judge_measurement first, again;
  const assignment *assign = scene_assign(&s, -1);
  judge *j = judge_of(&o);
  assert_true(judge_measure(j, assign, &first, &d));
  judge_free(j);
  j = judge_of(&o);
  assert_true(judge_measure(j, assign, &again, &d));
  // Seconds are never the same twice.
  assert_memory_equal(&first, &again, sizeof first);
  judge_free(j);
  dataset fewer = s.data;
  fewer.count--;
  o.test = &fewer;
  j = judge_of(&o);
  assert_true(judge_measure(j, assign, &again, &d));
  assert_int_equal(again.result.images, fewer.count);
  assert_true(again.result.seconds != first.result.seconds);
  judge_free(j);
  database_close(db);
  arena_free(mem);
}

static const judged *ask_both(judge *j, const assignment *a, double cost, double other) {
  diag d = {0};
  const judged *p = judge_ask_both(j, a, (double[]){cost, other}, &d);
  assert_non_null(p);
  return p;
}

// ---- stopped early ----

enum { MANY = 2000 };

// Many images, labelled by what the exact network says of them.
static dataset many_images(const scene *s) {
  size_t image = (size_t)net_shape_size(s->data.shape), outputs = (size_t)net_shape_size(net_output(s->net)->shape);
  dataset data = {.shape = s->data.shape, .count = MANY, .classes = (int)outputs};
  uint8_t *pixels = arena_alloc(s->mem, MANY * image), *labels = arena_alloc(s->mem, MANY);
  for (size_t p = 0; p < MANY * image; p++)
    pixels[p] = (uint8_t)rng_next(s->r);
  data.pixels = pixels, data.labels = labels;
  infer_model exact = {.net = s->net, .muls = s->muls, .assign = NULL};
  int32_t **values = infer_buffers(s->mem, s->net);
  for (size_t i = 0; i < MANY; i++) {
    ref_run(&exact, pixels + i * image, values);
    labels[i] = (uint8_t)infer_argmax(values[s->net->count - 1], (int)outputs);
  }
  return data;
}

static const judged *ask(judge *j, const assignment *assign, double cost) {
  diag d = {0};
  const judged *p = judge_ask(j, assign, cost, &d);
  if (!p)
    fail_msg("%s", d.text.data);
  return p;
}

static void test_stopped(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(74);
  const char *path = in_folder(mem, "stopped.db");
  database *db = open_database(path);
  scene s;
  dataset data;
  judge_options o, none;
  assignment *bad;
  judge *whole = NULL;
  const judged *truth = NULL; // all of it, to know what is right
  for (int i = 0; !truth || truth->drop < 0.1 || isnan(truth->result.loss);
       i++) { // the first network that loses enough
    assert_true(i < 12);
    judge_free(whole);
    s = scene_of(mem, &r, i, false);
    data = many_images(&s);
    o = options_of(&s, db);
    o.validation = &data;
    o.match = MATCH_NOTHING;
    o.most = 100;
    none = o;
    none.db = NULL;
    whole = judge_of(&none);
    truth = ask(whole, bad = scene_assign(&s, 3), 0.5);
  }
  assert_true(judge_complete(whole, truth) && truth->result.images == MANY);
  assignment *exact = scene_assign(&s, 0);

  // Beyond use: stopped; what it says of the images that it saw is true, and so is the verdict.
  o.useless = truth->drop / 2;
  judge *j = judge_of(&o);
  const judged *p = ask(j, bad, 0.5);
  assert_false(judge_complete(j, p));
  assert_true(p->result.images >= 500 && p->result.images < MANY && p->drop > o.useless);
  // A limit that it is not beyond, or hardly: run to the end. What the file has of a stopped one does not do.
  judge_free(j);
  o.useless = 1.01 * truth->drop;
  j = judge_of(&o);
  assert_same(ask(j, bad, 0.5), truth);
  assert_int_equal(judge_remembered(j), 0);
  // Beaten by what costs no more: stopped. Cheaper than all: not.
  judge_free(j);
  o.db = NULL;
  j = judge_of(&o);
  assert_true(judge_complete(j, ask(j, exact, 0.7)));
  const judged *cheaper = ask(j, bad, 0.6);
  assert_same(cheaper, truth);
  assert_true(judge_complete(j, cheaper));
  judge_free(j);
  j = judge_of(&o);
  ask(j, exact, 0.7);
  p = ask(j, bad, 0.7);
  assert_false(judge_complete(j, p));
  // What costs no more in one of two figures beats nothing; in both it does.
  judge_free(j);
  j = judge_of(&o);
  ask_both(j, exact, 0.7, 0.5);
  assert_true(judge_complete(j, ask_both(j, bad, 0.7, 0.4)));
  judge_free(j);
  j = judge_of(&o);
  ask_both(j, exact, 0.7, 0.5);
  p = ask_both(j, bad, 0.7, 0.5);
  assert_false(judge_complete(j, p));
  assert_true(p->cost == 0.7 && p->other == 0.5);
  // Resumed: the same, whatever it costs in the second.
  judged stopped = *p;
  stopped.other = 0;
  judge_free(j);
  database_close(db);
  assert_int_equal(unlink(path), 0);
  o.db = open_database(path);
  for (int k = 0; k < 2; k++) {
    j = judge_of(&o);
    ask(j, exact, 0.7);
    assert_same(ask(j, bad, 0.7), &stopped);
    assert_int_equal(judge_remembered(j), 2 * k);
    judge_free(j);
  }
  judge_free(whole);
  database_close(o.db);
  arena_free(mem);
}

// How often it stops what would have stayed within its limit: never, of many that are near it.
static void test_certain(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(75);
  int stopped = 0;
  for (int i = 0; i < 6; i++) {
    scene s = scene_of(mem, &r, i, false);
    dataset data = many_images(&s);
    judge_options o = options_of(&s, NULL);
    o.validation = &data;
    o.match = MATCH_NOTHING;
    o.most = 100;
    judge *whole = judge_of(&o);
    for (int k = 0; k < 3; k++) {
      assignment *a = scene_assign(&s, k ? 2 + k : -1);
      double drop = ask(whole, a, 0.5 - 0.1 * k)->drop; // cheaper than those before: none beats it
      for (int near = 5; near < 12; near++) {
        o.useless = fmax(near * drop / 10, 1e-6);
        judge *j = judge_of(&o);
        const judged *p = ask(j, a, 0.5);
        assert_true(judge_complete(j, p) ? p->drop == drop : drop > o.useless);
        stopped += !judge_complete(j, p);
        judge_free(j);
      }
    }
    judge_free(whole);
  }
  assert_true(stopped >= 5);
  arena_free(mem);
}

// A second judge on the file answers the same and runs nothing; one that asks something else gets nothing of it.
static void test_resumed(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(73);
  scene s = scene_of(mem, &r, 2, false);
  const char *path = in_folder(mem, "resumed.db");
  const judged *first[ASKED];
  assignment *asked[ASKED];
  diag d = {0};
  database *db = open_database(path);
  judge_options o = options_of(&s, db);
  judge *j = judge_of(&o);
  for (int k = 0; k < ASKED; k++) {
    asked[k] = scene_assign(&s, k < SCENE_MULS ? k : -1);
    first[k] = judge_ask(j, asked[k], 1, &d);
    assert_non_null(first[k]);
  }
  database_close(db);
  db = open_database(path);
  o = options_of(&s, db);
  judge *again = judge_of(&o);
  for (int k = 0; k < ASKED; k++)
    assert_same(judge_ask(again, asked[k], 1, &d), first[k]);
  assert_int_equal(judge_evaluations(again), 0);
  assert_int_equal(judge_remembered(again), ASKED);
  assert_true(judge_over(again)); // what is remembered counts, so that a search goes the same way
  judge_free(again);

  // Another correction, other labels, other multipliers, other networks.
  uint8_t *labels = arena_memdup(mem, s.data.labels, s.data.count);
  labels[3] = (uint8_t)!labels[3];
  dataset other = s.data;
  other.labels = labels;
  const mul *swapped[SCENE_MULS] = {s.muls[0], s.muls[2], s.muls[1], s.muls[3], s.muls[4]};
  network net = *s.net;
  net.nodes = arena_memdup(mem, net.nodes, net.count * sizeof *net.nodes);
  int node = s.layer[0];
  int32_t *bias = arena_memdup(mem, net.nodes[node].bias, (size_t)net.nodes[node].shape.c * sizeof *bias);
  bias[0]++;
  net.nodes[node].bias = bias;
  network scaled = *s.net; // its answers stand for something else
  scaled.nodes = arena_memdup(mem, scaled.nodes, scaled.count * sizeof *scaled.nodes);
  net_node *last = &scaled.nodes[net_output(s.net) - s.net->nodes];
  assert_true(net_is_raw(&scaled, last) && last->op != NET_AVGPOOL);
  double *scale = arena_new_array(mem, double, (size_t)last->shape.c);
  for (int c = 0; c < last->shape.c; c++)
    scale[c] = 7;
  last->weight_scale = scale;
  for (int what = 0; what < 5; what++) {
    o = options_of(&s, db);
    o.match = what == 0 ? MATCH_MEAN : MATCH_GAIN;
    o.validation = what == 1 ? &other : o.validation;
    o.muls = what == 2 ? swapped : o.muls;
    o.net = what == 3 ? &net : what == 4 ? &scaled : o.net;
    judge *stranger = judge_of(&o);
    assert_non_null(judge_ask(stranger, asked[1], 1, &d));
    assert_int_equal(judge_remembered(stranger), 0);
    assert_int_equal(judge_evaluations(stranger), 1);
    judge_free(stranger);
  }
  judge_free(j);
  database_close(db);
  arena_free(mem);
}

// ---- files that are no database of axgen's ----

static void check_refused(arena *mem, const char *path, const char *says) {
  diag d = {0};
  bytes before, after;
  assert_true(file_read(mem, path, 1 << 20, &before, &d));
  assert_null(database_open(path, &d));
  if (!strstr(d.text.data, path) || !strstr(d.text.data, says) ||
      (!strstr(says, "another") && !strstr(d.text.data, "remove it")))
    fail_msg("%s: `%s` has no `%s`", path, d.text.data, says);
  assert_true(file_read(mem, path, 1 << 20, &after, &d));
  assert_int_equal(before.size, after.size);
  assert_memory_equal(before.data, after.data, before.size);
  diag_free(&d);
}

static void make_sqlite(const char *path, const char *sql) {
  sqlite3 *db;
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
}

static void test_files(void **state) {
  (void)state;
  arena *mem = arena_new();
  const char *path = in_folder(mem, "text.db");
  FILE *f = fopen(path, "w");
  for (int i = 0; i < 300; i++)
    fputs("this is no database\n", f);
  fclose(f);
  check_refused(mem, path, "not a database");

  path = in_folder(mem, "short.db"); // shorter than any header
  f = fopen(path, "w");
  fputs("SQLite", f);
  fclose(f);
  check_refused(mem, path, "not a database");

  path = in_folder(mem, "foreign.db");
  make_sqlite(path, "CREATE TABLE evaluations (a); INSERT INTO evaluations VALUES (1);");
  check_refused(mem, path, "not a database of this version of `axgen explore`");

  path = in_folder(mem, "later.db");
  database_close(open_database(path));
  make_sqlite(path, "PRAGMA user_version = 77;");
  check_refused(mem, path, "not a database of this version of `axgen explore`");

  path = in_folder(mem, "columns.db"); // whose table is another
  database_close(open_database(path));
  make_sqlite(path, "DROP TABLE evaluations; CREATE TABLE evaluations (key TEXT);");
  check_refused(mem, path, "");

  path = in_folder(mem, "held.db"); // another exploration has it
  database *db = open_database(path);
  check_refused(mem, path, "another axgen is at work on it");
  database_row row = {"k", 10, 5, 1, 0, NAN, 0.5}, back;
  diag d = {0};
  assert_true(database_add(db, &row, &d));
  check_refused(mem, path, "another axgen is at work on it");
  assert_true(database_find(db, "k", &back) && back.correct == 5 && isnan(back.loss) && back.worse == 1);
  assert_false(database_find(db, "l", &back));
  database_close(db);

  // Numbers that cannot be are not believed.
  make_sqlite(path, "UPDATE evaluations SET correct = 11;");
  db = open_database(path);
  assert_false(database_find(db, "k", &back));
  database_close(db);
  static const char *const losses[] = {"'abc'", "9e999", "x'00'"};
  for (size_t i = 0; i < BASE_COUNT(losses); i++) {
    make_sqlite(path, arena_printf(mem, "UPDATE evaluations SET correct = 5, loss = %s;", losses[i]));
    db = open_database(path);
    assert_false(database_find(db, "k", &back));
    database_close(db);
  }

  assert_null(database_open(in_folder(mem, "nowhere/x.db"), &d));
  assert_non_null(strstr(d.text.data, "nowhere/x.db"));
  diag_free(&d);
  d = (diag){0};
  assert_null(database_open(folder, &d)); // a folder
  assert_non_null(strstr(d.text.data, "remove it"));

  // A link in the file's place is not followed; one to its folder is.
  assert_int_equal(symlink(path, in_folder(mem, "link.db")), 0);
  diag_free(&d);
  d = (diag){0};
  assert_null(database_open(in_folder(mem, "link.db"), &d));
  assert_non_null(strstr(d.text.data, "or name another folder"));
  assert_int_equal(mkfifo(in_folder(mem, "pipe.db"), 0666), 0);
  diag_free(&d);
  d = (diag){0};
  assert_null(database_open(in_folder(mem, "pipe.db"), &d));
  assert_non_null(strstr(d.text.data, "or name another folder"));
  assert_int_equal(mkdir(in_folder(mem, "real"), 0777), 0);
  assert_int_equal(symlink("real", in_folder(mem, "also")), 0);
  database_close(open_database(in_folder(mem, "also/x.db")));
  assert_int_equal(access(in_folder(mem, "real/x.db"), F_OK), 0);
  diag_free(&d);
  arena_free(mem);
}

static int make_folder(void **state) {
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}
static int remove_folder(void **state) {
  (void)state;
  arena *mem = arena_new();
  static const char *const made[] = {"resumed.db", "measured.db", "text.db",   "short.db",   "foreign.db",
                                     "later.db",   "columns.db",  "held.db",   "stopped.db", "link.db",
                                     "also",       "pipe.db",     "real/x.db", "real",       "held.db-journal"};
  for (size_t i = 0; i < BASE_COUNT(made); i++)
    remove(in_folder(mem, made[i]));
  arena_free(mem);
  return rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_asked),    cmocka_unit_test(test_interval),
                                     cmocka_unit_test(test_measured), cmocka_unit_test(test_measured_again),
                                     cmocka_unit_test(test_resumed),  cmocka_unit_test(test_files),
                                     cmocka_unit_test(test_stopped),  cmocka_unit_test(test_certain)};
  omp_set_num_threads(1);
  return cmocka_run_group_tests_name("explore: judge", tests, make_folder, remove_folder);
}
