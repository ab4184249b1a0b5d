// SPDX-License-Identifier: Apache-2.0
//
// genlib: the multiplier library. Gate netlists, their simulation and generators, error figures, export as table
// and Verilog. Knows nothing of networks.
//
// A multiplier is f(a, b): a the activation, b the weight, both *codes* (two's complement or unsigned integers).
#ifndef AXGEN_GENLIB_H
#define AXGEN_GENLIB_H

#include "compiler/base/base.h"

// ---- gate netlists -----------------------------------------------------------------------------------------------
// A combinational circuit in topological order. Nets are numbered: 0 is constant 0, 1 is constant 1, then the
// inputs (a's bits from the least significant, then b's), then each gate's outputs in gate order.
// clang-format off
//          name   inputs outputs
#define GATE_LIST(X)                                                                                                   \
  X(BUF,  1, 1) X(NOT,  1, 1) X(AND,  2, 1) X(OR,   2, 1) X(XOR,  2, 1) X(NAND, 2, 1) X(NOR,  2, 1) X(XNOR, 2, 1)       \
  X(MUX,  3, 1) /* in[0] ? in[2] : in[1] */                                                                            \
  X(HA,   2, 2) /* out: sum, carry */                                                                                  \
  X(FA,   3, 2)
// clang-format on
typedef enum {
#define X(name, in, out) GATE_##name,
  GATE_LIST(X)
#undef X
      GATE_KINDS
} gate_kind;
enum { NET_ZERO = 0, NET_ONE = 1, NET_FIRST_INPUT = 2 };
extern const char *const gate_name[GATE_KINDS]; // "AND"
extern const uint8_t gate_inputs[GATE_KINDS], gate_outputs[GATE_KINDS];

typedef struct {
  gate_kind kind;
  int32_t in[3];
  int32_t out; // its first output's net; the second is out + 1
} gate;

typedef struct {
  arena *mem;
  int a_bits, b_bits, out_bits;
  int32_t nets; // how many net numbers are in use
  gate *gates;
  size_t count, cap;
  int32_t *out; // out_bits nets, least significant first
  struct nl_mark {
    size_t gate; // the first gate of a part ...
    const char *label;
  } * marks; // ... such as "partial products": only for people who read the Verilog
  size_t mark_count, mark_cap;
  struct nl_build *build; // while it is being built: what the simplifications look up
} netlist;

// Building. Each function returns the net that carries the result; a gate is added only where constants, equal or
// complementary operands or an equal gate do not give the result for nothing. So a generator writes the regular
// structure and lets the edges fold away. Set out[] and call nl_finish at the end.
netlist *nl_new(arena *mem, int a_bits, int b_bits, int out_bits);
static inline int32_t nl_a(const netlist *n, int bit) { return (void)n, NET_FIRST_INPUT + bit; }
static inline int32_t nl_b(const netlist *n, int bit) { return NET_FIRST_INPUT + n->a_bits + bit; }
int32_t nl_not(netlist *n, int32_t x);
int32_t nl_gate2(netlist *n, gate_kind kind, int32_t x, int32_t y); // AND ... XNOR
int32_t nl_mux(netlist *n, int32_t sel, int32_t zero, int32_t one);
void nl_ha(netlist *n, int32_t x, int32_t y, int32_t *sum, int32_t *carry);
void nl_fa(netlist *n, int32_t x, int32_t y, int32_t z, int32_t *sum, int32_t *carry);
static inline int32_t nl_and(netlist *n, int32_t x, int32_t y) { return nl_gate2(n, GATE_AND, x, y); }
static inline int32_t nl_or(netlist *n, int32_t x, int32_t y) { return nl_gate2(n, GATE_OR, x, y); }
static inline int32_t nl_xor(netlist *n, int32_t x, int32_t y) { return nl_gate2(n, GATE_XOR, x, y); }
static inline int32_t nl_nand(netlist *n, int32_t x, int32_t y) { return nl_gate2(n, GATE_NAND, x, y); }
static inline int32_t nl_nor(netlist *n, int32_t x, int32_t y) { return nl_gate2(n, GATE_NOR, x, y); }
static inline int32_t nl_xnor(netlist *n, int32_t x, int32_t y) { return nl_gate2(n, GATE_XNOR, x, y); }
int32_t nl_arrival(const netlist *n, int32_t net); // a rough estimate of when its value is there, while building
void nl_mark(netlist *n, const char *label); // the gates from here on are `label` (kept, not copied)
// The same circuit without the gates that no output depends on; an adder of which only the sum or only the carry is
// used becomes plain gates, so that every output of every gate is used.
const netlist *nl_finish(const netlist *n);

// Ranges, numbering and order: what a circuit from outside must satisfy before anything else touches it.
bool nl_check(const netlist *n, diag *d);
typedef struct {
  int count[GATE_KINDS], gates;
  int depth; // gates on the longest path, HA counting 1 and FA 2
} nl_statistics;
nl_statistics nl_stats(const netlist *n);
// Compact text, for netlists kept as files: see docs/multipliers.md. Parse checks as nl_check does.
void nl_print(const netlist *n, str *out);
const netlist *nl_parse(arena *mem, const char *file, const char *text, diag *d);

// ---- simulation: zero delay, 64 vectors a word -------------------------------------------------------------------
// One kernel per instruction set; all give the same bits. `words` is how many 64-bit words each net has in a block.
typedef struct nl_sim_op nl_sim_op;
typedef struct {
  const char *name; // "scalar", "avx2", "avx512"
  int words;
  bool (*supported)(void);
  void (*run)(const nl_sim_op *ops, size_t count, uint64_t *slots);
  // Adds to changes[i] the number of places in slot i's words where bit k + 1 differs from bit k.
  void (*toggles)(const uint64_t *slots, size_t count, uint64_t *changes);
} nl_sim_isa;
enum { SIM_WORDS_MAX = 16 };
extern const nl_sim_isa *const nl_sim_isas[]; // best first, NULL at the end
// The best that this machine runs, or the one that AXGEN_ISA names (an unknown or unsupported one is ignored with
// a warning on stderr).
const nl_sim_isa *nl_sim_isa_choose(void);

typedef struct sim sim;
// `every_net`: keep all nets' values readable (else only the outputs', in less memory).
sim *nl_sim_new(arena *mem, const netlist *n, const nl_sim_isa *isa, bool every_net);
int nl_sim_words(const sim *s); // words in a block: nl_sim_run does 64 * that many vectors at once
uint64_t *nl_sim_input(sim *s, int bit); // a's bits, then b's
void nl_sim_run(sim *s); // one block
const uint64_t *nl_sim_output(const sim *s, int bit);
const uint64_t *nl_sim_net(const sim *s, int32_t net); // only with every_net
// v[i] = a | b << a_bits becomes the output (32 bits at most), for i < count. Any number of threads may do so with one
// s.
void nl_sim_map(const sim *s, uint32_t *v, size_t count);
// The inputs of block k of the exhaustive enumeration: vector v has a = v >> b_bits, b = v & (2^b_bits - 1).
void nl_sim_enumerate(sim *s, uint64_t block);
// The inputs of a block: the operand codes of up to 64 * nl_sim_words vectors (1 at least; the last fills the rest).
void nl_sim_load(sim *s, const uint32_t *a, const uint32_t *b, size_t count);
// The output values of the block just run, sign-extended from out_bits when `is_signed`; 64 * nl_sim_words of them.
void nl_sim_values(const sim *s, bool is_signed, int32_t *values);
// Every product, indexed (a_code << b_bits) | b_code; a_bits + b_bits <= 16 wanted, up to 24 possible.
void nl_sim_table(const netlist *n, bool is_signed, const nl_sim_isa *isa, int32_t *table);
// How often each net changes (net i in changes[i]) while the operands a[0..count-1], b[0..count-1] (codes) follow one
// another. Zero delay: it sees no glitches.
void nl_sim_toggles(const netlist *n, const nl_sim_isa *isa, const uint32_t *a, const uint32_t *b, size_t count,
                    uint64_t *changes);
// One vector, gate by gate, plainly written: what the kernels are checked against.
int64_t nl_eval(const netlist *n, bool is_signed, uint32_t a_code, uint32_t b_code);
// 2 to NL_COMPARE_MOST netlists of the same widths (32 input bits at most) on all pairs of operands, on all threads,
// with progress under `label` on a terminal. 2^32 pairs take about 10 s for every 1,000 gates and core with AVX-512.
enum { NL_COMPARE_MOST = 4 };
typedef struct {
  uint64_t pairs; // compared; fewer than all when the user stopped it
  bool equal; // on all pairs; false too when stopped
  int which; // the netlist that differs from the first one (0: none does) ...
  uint32_t a, b; // ... codes of the first pair for which one does ...
  int64_t x, y; // ... and what the first and that one give, unsigned
} nl_comparison;
nl_comparison nl_compare(const netlist *const *n, int count, const char *label);

// ---- multipliers -------------------------------------------------------------------------------------------------
typedef struct {
  int a_bits, b_bits, p_bits; // 2..16, 2..16, at most 32
  bool a_signed, b_signed, p_signed;
} mul_sig;

typedef struct mul mul;
struct mul {
  const char *name; // as the user wrote it, e.g. roup8s_p0_r7.5.3.1
  const char *ident; // the same as a Verilog identifier: mul_roup8s_p0_r7_5_3_1
  mul_sig sig;
  // Every product, when a_bits + b_bits <= 16, else NULL: table[(a_code << b_bits) | b_code], codes masked to their
  // widths. Computed from the netlist where there is one.
  const int32_t *table;
  const netlist *net; // NULL for a multiplier that is only a table
  // The product of two values in range. Use mul_apply, which takes the table where there is one.
  int64_t (*function)(const mul *m, int32_t a, int32_t b);
  const void *params; // of the family
  bool adds; // errors are those from a + b, not from a * b: an adder that is measured as a multiplier is
  bool exact; // f(a, b) == a * b everywhere (proven from all products, or by construction)
  // The least and the greatest product and the greatest |f(a, b) - a * b|, exactly. Of a netlist from elsewhere with
  // more than MUL_KEPT_BITS input bits nothing is known: min and max are what its output can carry, wce is -1.
  int64_t min, max, wce;
  const char *formula; // the function in words
};

// Makes the multiplier that `name` describes (docs/multipliers.md lists the names). Errors name the part of the name
// that is wrong and what was expected. A name for which mul_is_file holds is a path: of a table (mul_import_table) or a
// netlist (.net). Verilog and C functions are refused: they are imported first. The object lives in `mem`.
const mul *mul_make(arena *mem, const char *name, diag *d);
// What catalogues call its family: exact, booth, roup, bam, trunc; of other names the letters they begin with.
const char *mul_class(arena *mem, const char *name);
bool mul_is_file(const char *name); // a path, or something with the ending of a table, a netlist or Verilog

// A multiplier that is only its table (copied): product width and sign, range and error follow from the values, so
// sig's p_bits and p_signed need not be set. a_bits + b_bits <= 16.
const mul *mul_from_table(arena *mem, const char *name, mul_sig sig, const int32_t *table);

// A circuit from elsewhere (evolved, imported) as a multiplier. The product is as wide as its output (32 bits at most)
// and signed as sig says; operands of up to 16 bits each. The netlist must have passed nl_check. With up to 16 input
// bits it gets a table; up to MUL_KEPT_BITS `function` reads products that are kept (64 MiB for 24 bits); with more it
// evaluates the gates, about a microsecond a product: whoever needs many uses mul_products.
enum { MUL_KEPT_BITS = 24 };
const mul *mul_from_netlist(arena *mem, const char *name, mul_sig sig, const netlist *net);

// Tables as files, of operands of up to 16 bits together, mostly 8 x 8: TFApprox's .bin (65,536 little-endian words of
// 16 bits; also of 32), C headers with an initialised [256][256] array (AdaPT: .h, .c), NumPy arrays [256, 256] (.npy),
// and text: 65,536 numbers (.txt), or hexadecimal words (.hex); `#` starts a comment. Rows are a, unless `b_major`.
// Words of 16 bits, and text in which nothing is negative, are two's complement where an operand is signed. Widths are
// those asked for, else what the array's shape, the import's note or the name (mul5x7s) says, else equal ones.
typedef enum {
  TABLE_DETECT,
  TABLE_SIGNED, // indices are two's complement codes
  TABLE_UNSIGNED,
  TABLE_OFFSET, // signed, index = value + 128 (half of the codes)
  TABLE_US, // codes: a unsigned, b signed
  TABLE_SU,
  TABLE_INDICES
} table_index;
extern const char *const mul_table_index_word[TABLE_INDICES]; // "signed" ...; as options name them
typedef struct {
  table_index index;
  enum { TABLE_BY_VALUES, TABLE_BY_NAME, TABLE_BY_IMPORT, TABLE_BY_OPTION } from;
} mul_table_reading;
typedef struct {
  const char *name; // NULL: the file's name without folder and ending
  table_index index;
  bool b_major;
  int a_bits, b_bits; // 0: not asked for
  int32_t product_offset; // what is stored is the product plus this
  mul_table_reading *reading; // NULL, or where to put how it was read
} mul_table_options;
// The convention is the one asked for, else the one that an import noted beside the file (FILE.import.json, if its hash
// is the file's), else the one whose products are nearest to a * b: by a factor of two before all others, and below
// half of the mean product. Where none is, a file name such as mul8u_X.bin decides, with a warning, else the file is
// refused. A table whose values are not near a * b under the convention asked for is taken with a warning.
const mul *mul_import_table(arena *mem, const char *path, const mul_table_options *options, diag *d);
bool mul_is_table_file(const char *name); // by its ending
// A table's widths as options write them, `8` or `8x4`: 2 to 14 bits each, 16 together. False: they are not.
bool mul_read_widths(const char *text, int *a_bits, int *b_bits);
// The widths at the start of `text`, 8 or 8x4, each from 2 to `most`; what is behind them, or NULL.
const char *mul_read_bits(const char *text, int most, int *a_bits, int *b_bits);
// Whether a file that ends in .c or .h holds a function rather than an array. False: it cannot be read.
bool mul_is_function(arena *mem, const char *path, bool *function, diag *d);

static inline int64_t mul_apply(const mul *m, int32_t a, int32_t b) {
  if (m->table) {
    uint32_t ac = (uint32_t)a & ((1u << m->sig.a_bits) - 1), bc = (uint32_t)b & ((1u << m->sig.b_bits) - 1);
    return m->table[ac << m->sig.b_bits | bc];
  }
  return m->function(m, a, b);
}

// `count` products of operand codes (masked to their widths), the fastest way there is: where only the gates say what
// they are, a block of vectors at once.
void mul_products(const mul *m, const uint32_t *a, const uint32_t *b, size_t count, int64_t *products);

// Ranges of the operands' values, from the signature.
static inline int32_t mul_a_min(mul_sig s) { return s.a_signed ? -(1 << (s.a_bits - 1)) : 0; }
static inline int32_t mul_a_max(mul_sig s) { return (1 << (s.a_bits - s.a_signed)) - 1; }
static inline int32_t mul_b_min(mul_sig s) { return s.b_signed ? -(1 << (s.b_bits - 1)) : 0; }
static inline int32_t mul_b_max(mul_sig s) { return (1 << (s.b_bits - s.b_signed)) - 1; }
// The value that a code stands for.
static inline int32_t mul_value(uint32_t code, int bits, bool is_signed) {
  return is_signed && code >> (bits - 1) & 1 ? (int32_t)code - (1 << bits) : (int32_t)code;
}

// ---- error figures -----------------------------------------------------------------------------------------------
// In product units; bias = mean of f - exact, MRE over the pairs whose exact product is not zero. Exhaustive up to
// 12 x 12 bits; beyond, `pairs` seeded random ones, and ci_*: half of the 95 % confidence interval (0 if exhaustive).
typedef struct {
  bool exhaustive;
  uint64_t pairs;
  double mae, mse, variance, bias, ep /* error probability, 0..1 */, mre /* 1 = 100 % */;
  double ci_mae, ci_bias, ci_ep, ci_mre;
  // Over the pairs of non-zero weight. Exact at every width where the multiplier's wce is known, else (a netlist from
  // elsewhere of more than 24 bits, sampled) the greatest that was met.
  int64_t wce;
  bool wce_exact;
  // The greatest relative error over the pairs whose exact product is not zero (1 = 100 %), and the greatest error over
  // the others; the least and the greatest product. All of the pairs that were looked at.
  double wcre;
  int64_t wce_at_zero, min, max;
} mul_errors;
// The operands' distributions: counts or probabilities indexed by code; NULL: uniform. Independent (a and b), or one
// joint histogram indexed like a table (a_bits + b_bits <= 16). At more than 12 bits only uniform operands.
typedef struct {
  const double *a, *b, *joint;
} mul_weights;
mul_errors mul_error_figures(const mul *m, const mul_weights *weights, uint64_t seed);
// The same over all pairs at every width, uniform operands, for a multiplier with a netlist or a table. 2^32 pairs take
// about half a minute on two cores, with progress on a terminal. False: stopped by the user.
bool mul_error_figures_all(const mul *m, mul_errors *out);
struct cJSON; // <cjson/cJSON.h>
// Adds mae, wce, error_probability, mre, mse and bias to o.
void mul_errors_json(struct cJSON *o, const mul_errors *e);

// ---- structure ---------------------------------------------------------------------------------------------------
// The rank of the table as a matrix (rows a, columns b) and, where it is at most `limit` and the numbers stay small,
// integer factors: table[a][b] = sum over k of left[a * rank + k] * right[k << b_bits | b].
typedef struct {
  int rank;
  const int64_t *left, *right; // NULL: not factored
} mul_factors;
// Of the products, or of the errors f(a, b) - a * b. Only for multipliers with a table; limit at most 64.
mul_factors mul_factor(arena *mem, const mul *m, bool of_error, int limit);
// The partial products that a generated multiplier adds: text, or an SVG picture. False for a multiplier that was not
// generated here.
bool mul_diagram_text(const mul *m, str *out);
bool mul_diagram_svg(const mul *m, str *out);

// ---- export ------------------------------------------------------------------------------------------------------
// Structural Verilog-2005: module `m->ident` (input [..] a, input [..] b, output [..] p), combinational, with
// instances of MUL_FULL_ADDER and MUL_HALF_ADDER for the adders and plain assigns for other gates.
// A multiplier that is only a table becomes a case statement.
void mul_verilog(const mul *m, str *out);
#define MUL_MODULE "mul_" // what every multiplier's module begins with
#define MUL_FULL_ADDER "axgen_fa" // {co, s} = a + b + ci
#define MUL_HALF_ADDER "axgen_ha" // {co, s} = a + b
// Adds copies of both adders' files, NAME.v.
bool mul_add_adders(arena *mem, fileset *out, diag *d);
// A generated multiplier's closed form as a module of the same name and ports, for simulators: quick to build and run.
// False, and nothing is added, where there is none (a netlist or a table from elsewhere).
bool mul_verilog_function(const mul *m, str *out);
// The gates of a generated multiplier of 14 or more input bits against its closed form: all pairs of operands up to
// MUL_KEPT_BITS input bits or when asked for (2^32 pairs: minutes), else MUL_PROOF_SAMPLES: all pairs of mul_corner,
// the rest seeded. On all threads, with progress under `label` on a terminal.
enum { MUL_PROOF_SAMPLES = 1 << 20, MUL_CORNERS = 8 };
typedef struct {
  uint64_t pairs; // compared; fewer when the user stopped it
  bool all; // all pairs were to be compared
  bool equal; // on all that were to be compared
  bool differs;
  uint32_t a, b; // codes of the first pair that differs
} mul_proof;
mul_proof mul_prove(const mul *m, bool all_pairs, const char *label);
uint32_t mul_corner(int bits, unsigned k); // codes at which circuits tend to go wrong; k < MUL_CORNERS
// Whether mul_verilog_function has something to say.
bool mul_has_function(const mul *m);
// The same function as one C function `int32_t IDENT(int32_t a, int32_t b)` that needs nothing else: the netlist's
// gates on single bits, or the table.
void mul_c_model(const mul *m, str *out);
// The product table (up to 16 bits of operands together) in the formats that others read, row a, column b, indexed by
// codes: TFApprox's words of 16 bits (false: a product does not fit), AdaPT's header, NumPy's int32, and hexadecimal
// words of the product's width, one a line.
bool mul_table_bin(const mul *m, str *out);
void mul_table_header(const mul *m, str *out);
void mul_table_npy(const mul *m, str *out);
void mul_table_hex(const mul *m, str *out);
// One of these by its name, "bin", "h", "npy", "hex", or "c", mul_c_model's; an error where it is none of them, or
// cannot hold the multiplier.
bool mul_format(const mul *m, const char *format, str *out, diag *d);

// ---- files of gates ------------------------------------------------------------------------------------------------
// Reads a file of gates, as evolve_print writes it. The signedness is in its second line, `# evo8s_...: signed ...`;
// `name` is what the result is called.
const mul *mul_read_netlist(arena *mem, const char *path, const char *name, diag *d);
// The shipped circuit called `name` (genlib/evolved/NAME.net).
const mul *mul_shipped(arena *mem, const char *name, diag *d);

#endif
