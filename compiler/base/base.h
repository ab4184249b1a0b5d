// SPDX-License-Identifier: Apache-2.0
//
// base: what every other folder stands on. Memory in arenas, growable text, diagnostics that point into a
// file, whole-file input, all-or-nothing output, seeded random numbers, content hashes, progress on a terminal.
//
// Conventions of the whole project:
//  - What a user can get wrong is reported through a `diag *` and a `false` (or NULL) return; what only we can
//    get wrong is an assert. A function that failed has changed nothing on disk.
//  - Objects live in an `arena`; there is no per-object free.
#ifndef AXGEN_BASE_H
#define AXGEN_BASE_H

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define AXGEN_VERSION "0.1.0" // as in include/axgen.h
#define BASE_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
// Before a loop of constant length over registers.
#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif
#define BASE_COUNT(array) (sizeof(array) / sizeof((array)[0]))
// A table with a row for each value of an enum is a list, `#define ROWS(X) X(VALUE, members of its row...) ...`, then
//   static const row table[VALUES] = {ROWS(BASE_ROW)};
//   _Static_assert(BASE_ROWS(ROWS) == VALUES, "...");
// so that none is missing; a second row of a value is an error of its own.
#define BASE_ROW(value, ...) [value] = {__VA_ARGS__},
#define BASE_ROW_ONE(value, ...) +1
#define BASE_ROWS(list) (0 list(BASE_ROW_ONE))

// ---- arena: memory that is given back all at once ------------------------------------------------------------
typedef struct arena arena;
arena *arena_new(void);
void arena_free(arena *a);
size_t arena_bytes(const arena *a); // that it holds
void arena_adopt(arena *a, arena *from); // what lies in `from` lies in `a` from here on; `from` is gone
// Zeroed memory, aligned for any type (64 bytes for blocks of 64 bytes and more). Never returns NULL: out of
// memory ends the program with a message. Sizes that come from a file must be bounded by the caller.
void *arena_alloc(arena *a, size_t size);
void *arena_calloc(arena *a, size_t count, size_t size); // checks count * size for overflow
char *arena_strdup(arena *a, const char *s);
char *arena_strndup(arena *a, const char *s, size_t n);
char *arena_printf(arena *a, const char *fmt, ...) BASE_PRINTF(2, 3);
void *arena_memdup(arena *a, const void *p, size_t n);
#define arena_new_array(a, T, n) ((T *)arena_calloc((a), (n), sizeof(T)))
#define arena_new_object(a, T) ((T *)arena_calloc((a), 1, sizeof(T)))
// Room for one more element in an arena-held array `p` of `n` elements with capacity `cap` (grows by doubling).
#define arena_grow(a, p, n, cap) ((p) = arena_grow_impl((a), (p), (n), &(cap), sizeof *(p)))
void *arena_grow_impl(arena *a, void *p, size_t n, size_t *cap, size_t size);

// ---- str: growable text (malloc'd; zero-initialise, str_free at the end) ---------------------------------------
typedef struct {
  char *data; // NUL-terminated once anything was added; NULL when empty
  size_t len, cap;
} str;
void str_add(str *s, const char *text);
void str_add_n(str *s, const char *bytes, size_t n);
void str_printf(str *s, const char *fmt, ...) BASE_PRINTF(2, 3);
void str_vprintf(str *s, const char *fmt, va_list ap);
void str_free(str *s);
bool str_ends_with(const char *s, const char *suffix);
// The end of a noun that is counted: "%zu image%s", n, plural(n).
static inline const char *plural(size_t n) { return n == 1 ? "" : "s"; }

// ---- diag: what the user did wrong, and where ------------------------------------------------------------------
// Exit codes of the program (docs: README, `axgen help`).
enum { EXIT_OK = 0, EXIT_INPUT = 1, EXIT_USAGE = 2, EXIT_TOOL = 3, EXIT_CHECK = 4 };

// A place in a text. `text` is the whole source (NUL-terminated) or NULL when there is nothing to show.
typedef struct {
  const char *file;
  int line, column; // from 1; 0: unknown
  const char *text;
} src_pos;

typedef struct {
  str text; // the messages, at most 20 errors and 20 warnings; control characters and what is not UTF-8 as escapes
  int errors, warnings; // how many there were
  int exit_code; // of the first error
} diag;
// `file:line:column: error: message`, the offending line (a long one: the part around it) and a caret. Always returns
// false, so that a caller can `return diag_at(...)`.
bool diag_at(diag *d, src_pos pos, const char *fmt, ...) BASE_PRINTF(3, 4);
bool diag_error(diag *d, const char *fmt, ...) BASE_PRINTF(2, 3); // the input is at fault; no place in a text
bool diag_tool(diag *d, const char *fmt, ...) BASE_PRINTF(2, 3); // a tool is missing or failed
bool diag_check(diag *d, const char *fmt, ...) BASE_PRINTF(2, 3); // a check did not hold
// The errors so far are the fault of `tool`, which ended as if all were well: what it wrote cannot be used. False.
bool diag_blame(diag *d, const char *tool);
#if defined(__clang_analyzer__) && !defined(BASE_DIAG_C) // clang-tidy sees one file at a time and cannot know
#define diag_at(...) (diag_at(__VA_ARGS__), false)
#define diag_error(...) (diag_error(__VA_ARGS__), false)
#define diag_tool(...) (diag_tool(__VA_ARGS__), false)
#define diag_check(...) (diag_check(__VA_ARGS__), false)
#define diag_blame(...) (diag_blame(__VA_ARGS__), false)
#endif
void diag_note(diag *d, const char *fmt, ...) BASE_PRINTF(2, 3); // goes with the error before it
void diag_warn(diag *d, const char *fmt, ...) BASE_PRINTF(2, 3);
bool diag_is_full(const diag *d); // further errors are only counted
// What had been said when the mark was set; diag_unsay takes back all that came later, its exit code too: what a stop
// broke off is no error where there is something to show all the same.
typedef struct {
  size_t length;
  int errors, warnings, exit_code;
} diag_mark;
diag_mark diag_marked(const diag *d);
void diag_add(diag *d, const diag *said); // what was said elsewhere, in a thread of its own
void diag_unsay(diag *d, diag_mark since);
void diag_print(const diag *d, FILE *out); // all of it; "... and N more errors"
void diag_free(diag *d);

// ---- files -----------------------------------------------------------------------------------------------------
typedef struct {
  uint8_t *data; // NUL-terminated one past the end, for text
  size_t size;
} bytes;
// The whole file, at most `max` bytes; gzip is unpacked when `gunzip` is set and the file starts like one.
bool file_read(arena *a, const char *path, size_t max, bytes *out, diag *d);
bool file_read_gz(arena *a, const char *path, size_t max, bytes *out, diag *d);
// Temporary name (PATH.tmpPID), then rename; temporary files of processes that have ended are removed. A symbolic link
// is replaced, not followed. A terminal, a pipe or what lies under /dev is written to, anything else refused.
bool file_write(const char *path, const void *data, size_t size, diag *d);
bool file_exists(const char *path);
const char *file_kind(const char *path); // "a folder", for messages
bool dir_make(const char *path, diag *d); // with parents
void dir_remove(const char *path); // with all its contents; links are not followed
// The names in a folder that end with `suffix`, in alphabetical order; false when there is no such folder.
bool dir_list(arena *a, const char *path, const char *suffix, char ***names, size_t *count);
// `path` relative to the folder of `file` (or itself when absolute).
char *path_beside(arena *a, const char *file, const char *path);
char *path_join(arena *a, const char *dir, const char *name);
// The folder that holds rtl_templates/, synth/, genlib/ at run time: $AXGEN_DATA, else share/axgen beneath one of the
// folders above the program or the library (installed), else the source tree above it. Never NULL.
const char *data_dir(void);
char *data_path(arena *a, const char *relative);

// A set of output files, all built in memory and then written together: on any error nothing is changed. Names are
// relative, in folders at most of the set's own.
typedef struct {
  struct fileset_entry {
    const char *name; // relative to the folder
    const void *data;
    size_t size;
  } * files;
  size_t count, cap;
} fileset;
void fileset_add(arena *a, fileset *fs, const char *name, const void *data, size_t size);
void fileset_add_str(arena *a, fileset *fs, const char *name, str *text); // takes a copy and frees `text`
// Writes the set into `dir`, which is made if need be and may be a symbolic link to a folder. A folder that holds
// nothing else changes places with a new one at once: whoever looks sees the old set or the new one, however axgen
// ends. A folder with other files keeps them: there the files are put in place one after the other, and put back if one
// fails. Where a manifest.json lists the files of the set before, those that the new set lacks go.
bool fileset_write(const fileset *fs, const char *dir, diag *d);

// ---- hashes ----------------------------------------------------------------------------------------------------
// SHA-256 as 64 hexadecimal digits, in the arena.
char *hash_hex(arena *a, const void *data, size_t size);
// A quick 64-bit hash, chained through `seed`; no defence against those who look for collisions.
uint64_t hash_64(uint64_t seed, const void *data, size_t size);

// ---- seeded random numbers: xoshiro256**, seeded by splitmix64 -------------------------------------------------
typedef struct {
  uint64_t s[4];
} rng;
rng rng_seed(uint64_t seed);
uint64_t rng_next(rng *r);
uint32_t rng_below(rng *r, uint32_t n); // uniform in [0, n), n > 0
double rng_unit(rng *r); // uniform in [0, 1)

// ---- progress, on a terminal's stderr only ---------------------------------------------------------------------
extern bool progress_quiet; // until the program says otherwise; -q
typedef struct {
  const char *label;
  uint64_t total, done;
  double started, shown;
} progress;
progress progress_begin(const char *label, uint64_t total);
void progress_step(progress *p, uint64_t n); // also safe from several threads under a critical section only
// The same where somebody else counts. total 0: how much there is to do is not known yet; only the time is shown.
void progress_show(progress *p, uint64_t done, uint64_t total);
void progress_end(progress *p);
double clock_seconds(void); // monotonic

// Where axgen is a library, its caller watches instead: it is asked about ten times a second, in the thread that
// called, how far the bar begun last is, and may say no; nothing is printed then, and no signal counts.
typedef struct {
  bool (*go_on)(void *user, const char *label, uint64_t done, uint64_t total); // NULL: yes
  void *user;
  // The rest is set by progress_watch.
  bool stopped, heeded;
  const char *label;
  uint64_t done, total;
  double asked;
} progress_watcher;
// From here on in this thread; NULL: nobody, signals count. Returns who did before. Threads that this one starts know
// of it by progress_join alone, which is to be undone before they end; they are not asked.
progress_watcher *progress_watch(progress_watcher *w);
progress_watcher *progress_watching(void);
void progress_join(progress_watcher *w);

// SIGINT (Ctrl-C), SIGTERM, SIGHUP: the first asks long loops to stop (they test this), the second ends the program.
// One that is ignored when the program starts (nohup) stays so.
bool interrupted(void); // or the watcher said no
void interrupt_heed(void); // the search has stopped: loops run again, for what is left to do with what it found
int interrupt_signal(void); // which it was, or 0
void interrupt_install(void);

// ---- threads (threads.c)
// After fork OpenMP's threads are gone, and a parallel region would wait for them for ever: such a process computes
// with one thread. Instead of omp_set_num_threads, at most 1024; and before the first region of a call.
void threads_use(int count);
void threads_after_fork(void);

// ---- small integers ----------------------------------------------------------------------------------------------
// Bits that a two's complement number needs to hold every value of [lo, hi] (at least 1).
int bits_signed(int64_t lo, int64_t hi);
int bits_unsigned(uint64_t hi); // at least 1
int64_t div_ceil(int64_t a, int64_t b);
int64_t gcd64(int64_t a, int64_t b);
int64_t clamp64(int64_t v, int64_t lo, int64_t hi);
// A number from outside as an integer: true and *out where it is a whole one of [lo, hi]. Of a double the bounds count
// up to 2^53, from where on doubles are no longer exact.
bool whole_double(double v, int64_t lo, int64_t hi, int64_t *out);
// The integer at the start of `text`: '-' or not, then digits of `base` (0: as in C, 0x1f too). *end is behind it, in
// range or not, and at `text` where there is none; `end` NULL: nothing may follow.
bool whole_text(const char *text, int base, int64_t lo, int64_t hi, int64_t *out, const char **end);

#endif
