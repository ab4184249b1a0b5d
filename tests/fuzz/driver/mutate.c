// SPDX-License-Identifier: Apache-2.0
//
// Our own driver, where libFuzzer is not installed: seeded mutation, guided by which branches an input takes. It knows
// libFuzzer's options that tests/fuzz/run.sh uses:
//
//   NAME [-seed=N] [-runs=N] [-max_total_time=SECONDS] [-max_len=BYTES] [-dict=FILE] [-artifact_prefix=DIR/] PATH...
//
// Folders are inputs to start from; files alone are each run once. The same seed gives the same inputs.
#include "tests/fuzz/driver/driver.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAP = 1 << 16, WORDS = 1024, MOST_CHANGES = 8, MOST_INPUTS = 1 << 14 };

// ---- branches taken ------------------------------------------------------------------------------------------------
// How often each edge was taken: in this input, and (as bits: once, twice, 3, 4.., 8.., 16.., 32.., 128..) in any
// before.
static uint8_t taken[MAP], known[MAP];
extern const char __executable_start[];

void __sanitizer_cov_trace_pc(void);
__attribute__((no_sanitize_coverage, no_sanitize("address", "undefined"))) void __sanitizer_cov_trace_pc(void) {
  static uintptr_t before;
  uintptr_t place = ((uintptr_t)__builtin_return_address(0) - (uintptr_t)__executable_start) * 0x9e3779b1u >> 8;
  uint8_t *t = &taken[(place ^ before) % MAP];
  *t = (uint8_t)(*t + (*t < 255));
  before = place >> 1;
}

__attribute__((no_sanitize_coverage)) static bool something_new(void) {
  bool any = false;
  for (size_t i = 0; i < MAP; i++) {
    uint8_t n = taken[i];
    if (!n)
      continue;
    uint8_t bit = (uint8_t)(1u << (n < 4 ? n - 1 : n < 8 ? 3 : n < 16 ? 4 : n < 32 ? 5 : n < 128 ? 6 : 7));
    any = any || !(known[i] & bit);
    known[i] |= bit;
  }
  return any;
}

// ---- state ---------------------------------------------------------------------------------------------------------
static struct {
  uint64_t seed, runs;
  size_t max_len;
  double seconds;
  const char *dict, *prefix;
} options = {.seed = 1, .runs = UINT64_MAX, .max_len = 4096, .prefix = "./"};

static arena *mem; // of the inputs kept
static bytes *inputs, words[WORDS];
static size_t input_count, input_cap, word_count;
static rng r;
static uint8_t *current;
static size_t current_size;
static bool running;
static uint64_t executions;

static size_t below(size_t n) { return n ? rng_below(&r, (uint32_t)n) : 0; }

// ---- an input that broke something ---------------------------------------------------------------------------------
static void save(void) {
  char path[4200];
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < current_size; i++)
    hash = (hash ^ current[i]) * 16777619u;
  snprintf(path, sizeof path, "%scrash-%08x", options.prefix, hash);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (fd >= 0 && write(fd, current, current_size) == (ssize_t)current_size && close(fd) == 0)
    fprintf(stderr, "fuzz: the input is in %s\n", path);
}

static void on_abort(int sig) {
  if (running)
    save();
  signal(sig, SIG_DFL);
  raise(sig);
}

static void on_exit_early(void) {
  if (!running)
    return;
  fputs("fuzz: the parser ended the program\n", stderr);
  save();
  _exit(1);
}

const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "abort_on_error=1:detect_leaks=0:max_allocation_size_mb=2048"; }
const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void) { return "abort_on_error=1:print_stacktrace=1"; }

static void run(const uint8_t *data, size_t size) {
  memmove(current, data, size);
  current_size = size;
  memset(taken, 0, sizeof taken);
  running = true;
  LLVMFuzzerTestOneInput(current, current_size);
  running = false;
  executions++;
}

static void keep(const uint8_t *data, size_t size) {
  if (input_count == MOST_INPUTS)
    return;
  arena_grow(mem, inputs, input_count, input_cap);
  inputs[input_count++] = (bytes){arena_memdup(mem, data, size), size};
}

// ---- mutations: each changes `current` in place --------------------------------------------------------------------
static void erase(size_t at, size_t n) {
  memmove(current + at, current + at + n, current_size - at - n);
  current_size -= n;
}

static void insert(size_t at, const uint8_t *from, size_t n) {
  if (n > options.max_len - current_size)
    n = options.max_len - current_size;
  uint8_t *copy = malloc(n + 1); // `from` may lie in `current`
  memcpy(copy, from, n);
  memmove(current + at + n, current + at, current_size - at);
  memcpy(current + at, copy, n);
  free(copy);
  current_size += n;
}

static void overwrite(size_t at, const uint8_t *from, size_t n) {
  if (n > current_size - at)
    n = current_size - at;
  memmove(current + at, from, n);
}

static void place(const uint8_t *from, size_t n) {
  if (below(2) || !current_size)
    insert(below(current_size + 1), from, n);
  else
    overwrite(below(current_size), from, n);
}

static void change_bit(void) {
  if (current_size)
    current[below(current_size)] ^= (uint8_t)(1u << below(8));
}

static void change_byte(void) {
  if (current_size)
    current[below(current_size)] = (uint8_t)rng_next(&r);
}

static void insert_byte(void) {
  uint8_t c[8];
  for (size_t i = 0; i < sizeof c; i++)
    c[i] = (uint8_t)rng_next(&r);
  insert(below(current_size + 1), c, 1 + below(sizeof c));
}

static void erase_part(void) {
  if (!current_size)
    return;
  size_t n = 1 + below(below(4) ? 8 : current_size), at = below(current_size);
  erase(at, n < current_size - at ? n : current_size - at);
}

static void repeat_part(void) {
  if (!current_size)
    return;
  size_t at = below(current_size), n = 1 + below(current_size - at < 64 ? current_size - at : 64);
  for (size_t times = 1 + (below(4) ? 0 : below(64)); times > 0; times--)
    insert(at, current + at, n);
}

// A number of 1 to 8 bytes: at the ends of its range, or near what is there.
static void change_binary(void) {
  static const int64_t ends[] = {0,         1,         -1,        127,        128,
                                 255,       256,       32767,     32768,      65535,
                                 65536,     INT32_MAX, INT32_MIN, UINT32_MAX, (int64_t)1 << 32,
                                 INT64_MAX, INT64_MIN};
  size_t n = (size_t)1 << below(4);
  if (current_size < n)
    return;
  uint8_t *at = current + below(current_size - n + 1);
  uint64_t v = 0;
  bool big = below(2);
  for (size_t i = 0; i < n; i++)
    v |= (uint64_t)at[big ? n - 1 - i : i] << 8 * i;
  v = below(2) ? (uint64_t)ends[below(BASE_COUNT(ends))] : v + below(33) - 16;
  for (size_t i = 0; i < n; i++)
    at[big ? n - 1 - i : i] = (uint8_t)(v >> 8 * i);
}

// A number in text.
static void change_decimal(void) {
  static const char *const ends[] = {"0",
                                     "-1",
                                     "1",
                                     "2",
                                     "7",
                                     "16",
                                     "255",
                                     "256",
                                     "4096",
                                     "65535",
                                     "65536",
                                     "2147483647",
                                     "2147483648",
                                     "-2147483649",
                                     "4294967296",
                                     "9223372036854775807",
                                     "9223372036854775808",
                                     "1e308",
                                     "1e-320",
                                     "nan",
                                     "0x10",
                                     "1e9",
                                     "99999999999999999999"};
  size_t at = current_size ? below(current_size) : 0, n = 0;
  while (at < current_size && (current[at] < '0' || current[at] > '9'))
    at++;
  while (at + n < current_size && current[at + n] >= '0' && current[at + n] <= '9')
    n++;
  if (!n)
    return;
  const char *text = ends[below(BASE_COUNT(ends))];
  erase(at, n);
  insert(at, (const uint8_t *)text, strlen(text));
}

static void use_word(void) {
  if (word_count) {
    const bytes *w = &words[below(word_count)];
    place(w->data, w->size);
  }
}

// A part of another input.
static void splice_other(void) {
  const bytes *other = &inputs[below(input_count)];
  if (!other->size)
    return;
  size_t at = below(other->size), n = 1 + below(other->size - at);
  place(other->data + at, n);
}

// The line that holds byte `at`.
static void line_at(size_t at, size_t *start, size_t *n) {
  for (*start = at; *start > 0 && current[*start - 1] != '\n';)
    --*start;
  const uint8_t *end = memchr(current + at, '\n', current_size - at);
  *n = (end ? (size_t)(end - current) + 1 : current_size) - *start;
}

static void move_line(void) {
  if (!current_size)
    return;
  size_t from, n, to, ignored;
  line_at(below(current_size), &from, &n);
  line_at(below(current_size), &to, &ignored);
  insert(to, current + from, n);
  if (below(2) && from < to)
    erase(from, n);
}

static void mutate(void) {
  static void (*const KINDS[])(void) = {change_bit,  change_byte,   insert_byte,    erase_part,
                                        repeat_part, change_binary, change_decimal, change_decimal,
                                        use_word,    use_word,      splice_other,   move_line};
  for (size_t changes = 1 + below(below(2) ? 2 : MOST_CHANGES); changes > 0; changes--)
    KINDS[below(BASE_COUNT(KINDS))]();
}

// ---- what the command line names -----------------------------------------------------------------------------------
// Lines like `name="text"` or `"text"`, with \\, \" and \xHH.
static void read_dict(void) {
  diag d = {0};
  bytes file;
  if (!file_read(mem, options.dict, 1 << 20, &file, &d)) {
    fputs(d.text.data, stderr);
    exit(EXIT_INPUT);
  }
  for (char *line = (char *)file.data; line && *line && word_count < WORDS; line = strchr(line, '\n')) {
    line += *line == '\n';
    size_t n = strcspn(line, "\"\n");
    if (line[0] == '#' || line[n] != '"')
      continue;
    uint8_t *out = arena_alloc(mem, strcspn(line, "\n") + 1);
    bytes *w = &words[word_count];
    *w = (bytes){.data = out};
    for (char *p = line + n + 1; *p && *p != '"' && *p != '\n'; p++)
      if (p[0] == '\\' && p[1] == 'x' && p[2] && p[3]) {
        out[w->size++] = (uint8_t)strtoul((char[]){p[2], p[3], 0}, NULL, 16);
        p += 3;
      } else {
        p += p[0] == '\\' && p[1];
        out[w->size++] = (uint8_t)*p;
      }
    word_count += w->size > 0;
  }
}

static void run_file(const char *path) {
  diag d = {0};
  bytes file;
  arena *a = arena_new();
  if (!file_read(a, path, options.max_len, &file, &d)) {
    fputs(d.text.data, stderr);
    diag_free(&d);
  } else {
    run(file.data, file.size);
    if (something_new() || !input_count)
      keep(file.data, file.size);
  }
  arena_free(a);
}

// True for a folder.
static bool run_path(const char *path) {
  struct stat st;
  char **names;
  size_t count;
  if (stat(path, &st) != 0) {
    perror(path);
    exit(EXIT_INPUT);
  }
  if (!S_ISDIR(st.st_mode)) {
    run_file(path);
    return false;
  }
  if (dir_list(mem, path, "", &names, &count))
    for (size_t i = 0; i < count; i++)
      if (names[i][0] != '.')
        run_file(path_join(mem, path, names[i]));
  return true;
}

static bool option(const char *argument) {
  static const char *const NAMES[] = {
      "-seed=", "-runs=", "-max_total_time=", "-max_len=", "-dict=", "-artifact_prefix="};
  for (size_t i = 0; i < BASE_COUNT(NAMES); i++) {
    size_t n = strlen(NAMES[i]);
    if (strncmp(argument, NAMES[i], n) != 0)
      continue;
    const char *value = argument + n;
    switch (i) {
    case 0:
      options.seed = strtoull(value, NULL, 10);
      break;
    case 1:
      options.runs = strtoull(value, NULL, 10);
      break;
    case 2:
      options.seconds = strtod(value, NULL);
      break;
    case 3:
      options.max_len = strtoull(value, NULL, 10);
      break;
    case 4:
      options.dict = value;
      break;
    default:
      options.prefix = value;
    }
    return true;
  }
  return false; // libFuzzer's others have no meaning here
}

int main(int argc, char **argv) {
  LLVMFuzzerInitialize(&argc, &argv);
  double start = clock_seconds();
  mem = arena_new();
  for (int i = 1; i < argc; i++)
    if (argv[i][0] == '-')
      option(argv[i]);
  r = rng_seed(options.seed);
  current = malloc(options.max_len + 1);
  signal(SIGABRT, on_abort);
  atexit(on_exit_early);
  if (options.dict)
    read_dict();
  bool folders = false;
  for (int i = 1; i < argc; i++)
    if (argv[i][0] != '-')
      folders |= run_path(argv[i]);
  if (!input_count)
    keep((const uint8_t *)"", 0);
  while (folders && executions < options.runs && (options.seconds <= 0 || clock_seconds() - start < options.seconds)) {
    const bytes *from = &inputs[below(4) ? input_count - 1 - below(input_count / 4 + 1) : below(input_count)];
    memcpy(current, from->data, from->size);
    current_size = from->size;
    mutate();
    run(current, current_size);
    if (something_new())
      keep(current, current_size);
  }
  size_t edges = 0;
  for (size_t i = 0; i < MAP; i++)
    edges += known[i] != 0;
  fprintf(stderr, "stat::number_of_executed_units: %llu\nedges: %zu\ninputs: %zu\n", (unsigned long long)executions,
          edges, input_count);
  free(current);
  arena_free(mem);
  return 0;
}
