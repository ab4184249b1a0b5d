// SPDX-License-Identifier: Apache-2.0
//
// Placed and routed by nextpnr. So that pins do not decide what fits, the design's ports lie in a shell: a shift
// register that holds all inputs, one that takes all outputs, and four pins.
#include "compiler/base/escape.h"
#include "compiler/base/json.h"
#include "synth/fpga.h"

#include <string.h>

#define SHELL "axgen_shell"
#define SHELL_DESIGN "dut"

typedef struct {
  arena *mem;
  const char *dir;
  const fpga_family *family;
  const synth_structure *structure;
  const synth_fpga_options *options;
  synth_fpga *out;
  diag *d;
} placer;

// ---- the shell -----------------------------------------------------------------------------------------------------
static bool shell_ports(const placer *p, const cJSON *ports, str *declared, str *connected) {
  synth_fpga_placed *r = &p->out->placed;
  for (const cJSON *port = json_members(ports); port; port = port->next) {
    const char *direction = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(port, "direction"));
    int bits = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(port, "bits"));
    bool in = direction && strcmp(direction, "input") == 0;
    if (!word_is_plain(port->string) || bits < 1 || (!in && !(direction && strcmp(direction, "output") == 0)))
      return diag_tool(p->d, "%s: Yosys wrote a port `%s` that is neither input nor output", p->structure->top,
                       port->string);
    str_printf(declared, "%s%s [%d:0] %s", declared->len ? ", " : "", direction, bits - 1, port->string);
    int64_t *first = in ? &r->inputs : &r->outputs;
    if (strcmp(port->string, "clk") == 0) {
      str_printf(connected, ".clk(clk)");
      continue;
    }
    str_printf(connected, "%s.%s(%s[%lld:%lld])", connected->len ? ", " : "", port->string, in ? "shell_in" : "made",
               (long long)*first + bits - 1, (long long)*first);
    *first += bits;
  }
  return (r->inputs && r->outputs) || diag_tool(p->d, "%s has no inputs or no outputs", p->structure->top);
}

static bool write_shell(const placer *p) {
  bytes file;
  if (!file_read(p->mem, path_join(p->mem, p->dir, "mapped.json"), (size_t)1 << 30, &file, p->d))
    return false;
  cJSON *root = cJSON_ParseWithLength((const char *)file.data, file.size);
  const cJSON *top = cJSON_GetObjectItemCaseSensitive(json_member(root, "modules"), p->structure->top);
  str declared = {0}, connected = {0}, text = {0};
  bool ok = shell_ports(p, json_member(top, "ports"), &declared, &connected);
  long long last_in = (long long)p->out->placed.inputs - 1, last_out = (long long)p->out->placed.outputs - 1;
  if (ok) {
    str_printf(&text, "(* blackbox *) module %s (%s);\nendmodule\n", p->structure->top, declared.data);
    str_printf(&text,
               "module " SHELL " (input clk, input in, input take, output out);\n"
               "  reg [%lld:0] shell_in;\n  reg [%lld:0] shell_out;\n  wire [%lld:0] made;\n"
               "  always @(posedge clk) begin\n    shell_in <= {shell_in, in};\n"
               "    shell_out <= take ? made : {shell_out, 1'b0};\n  end\n"
               "  assign out = shell_out[%lld];\n",
               last_in, last_out, last_out, last_out);
    str_printf(&text, "  %s " SHELL_DESIGN " (%s);\nendmodule\n", p->structure->top, connected.data);
    ok = synth_write(p->mem, p->dir, "shell.v", &text, p->d);
  }
  cJSON_Delete(root);
  str_free(&declared);
  str_free(&connected);
  return ok;
}

static bool written(arena *mem, void *user, diag *d) {
  (void)mem;
  const char *path = user;
  return file_exists(path) || diag_tool(d, "%s was not written", path);
}

// The mapped design in the shell, which is mapped apart, as one module.
static bool flatten(const placer *p) {
  str script = {0};
  str_printf(&script,
             "read_json mapped.json\n" // the family's cells come back without their parameters
             "delete =A:blackbox =A:whitebox\nread_verilog -lib %s\ndesign -stash mapped\n"
             "read_verilog shell.v\n%s -top " SHELL "\ndesign -stash shell\n"
             "design -load mapped\ndesign -copy-from shell -as " SHELL " " SHELL "\n"
             "hierarchy -check -top " SHELL "\nsetattr -mod -unset keep_hierarchy *\nflatten\nopt_clean\n"
             "select " SHELL "\njson -o flat.json\n",
             p->family->library, p->family->command);
  synth_job job = {.argv = SYNTH_YOSYS("flat.ys"),
                   .dir = p->dir,
                   .log = "flat.log",
                   .timeout_s = 3600,
                   .label = "before placement",
                   .inputs = (const char *const[]){"flat.ys", "shell.v", "mapped.json", NULL},
                   .outputs = (const char *const[]){"flat.json", NULL},
                   .take = written,
                   .user = path_join(p->mem, p->dir, "flat.json")};
  return synth_write(p->mem, p->dir, "flat.ys", &script, p->d) && synth_run(p->mem, &job, p->d);
}

// ---- nextpnr -------------------------------------------------------------------------------------------------------
typedef struct {
  const placer *p;
  bool routed;
} report;

static const cJSON *member(const cJSON *o, const char *key) { return cJSON_GetObjectItemCaseSensitive(o, key); }

static bool take_uses(arena *mem, const cJSON *root, synth_fpga_placed *out) {
  size_t cap = 0;
  out->uses = NULL;
  out->use_count = 0;
  for (const cJSON *use = json_members(json_member(root, "utilization")); use; use = use->next) {
    int64_t used, available;
    if (!json_whole(member(use, "used"), 0, INT32_MAX, &used) ||
        !json_whole(member(use, "available"), 0, INT32_MAX, &available))
      return false;
    arena_grow(mem, out->uses, out->use_count, cap);
    out->uses[out->use_count++] = (synth_fpga_use){arena_strdup(mem, use->string), used, available};
  }
  return out->use_count > 0;
}

// "$flatten\dut.\layer_conv1.$x": dut.layer_conv1.$x
static const char *cell_of(arena *mem, const cJSON *end) {
  const char *name = cJSON_GetStringValue(member(end, "cell"));
  str plain = {0};
  if (!name)
    return NULL;
  if (strncmp(name, "$flatten", 8) == 0)
    name += 8;
  for (; *name; name++)
    if (*name != '\\')
      str_add_n(&plain, name, 1);
  const char *out = arena_strdup(mem, plain.data ? plain.data : "");
  str_free(&plain);
  return out;
}

// The slowest path from flip-flop to flip-flop.
static void take_path(const placer *p, const cJSON *root, synth_fpga_placed *out) {
  const cJSON *path;
  cJSON_ArrayForEach(path, member(root, "critical_paths")) {
    const char *from = cJSON_GetStringValue(member(path, "from"));
    const char *to = cJSON_GetStringValue(member(path, "to"));
    const cJSON *steps = member(path, "path");
    int count = cJSON_GetArraySize(steps);
    if (!from || !to || count < 1 || strncmp(from, "posedge", 7) != 0 || strncmp(to, "posedge", 7) != 0)
      continue;
    out->from = cell_of(p->mem, json_member(cJSON_GetArrayItem(steps, 0), "from"));
    out->to = cell_of(p->mem, json_member(cJSON_GetArrayItem(steps, count - 1), "to"));
    const char *const ends[2] = {out->from, out->to};
    const char **parts[2] = {&out->from_part, &out->to_part};
    for (int i = 0; i < 2; i++)
      if (ends[i])
        *parts[i] = strncmp(ends[i], "shell_", 6) == 0 ? "ports"
                                                       : p->structure->parts[synth_part_of(p->structure, ends[i])].name;
    return;
  }
}

static bool take_report(arena *mem, void *user, diag *d) {
  const report *r = user;
  const placer *p = r->p;
  synth_fpga_placed *out = &p->out->placed;
  bytes file;
  if (!file_read(mem, path_join(mem, p->dir, "report.json"), 256 << 20, &file, d))
    return false;
  cJSON *root = cJSON_ParseWithLength((const char *)file.data, file.size);
  bool ok = take_uses(mem, root, out);
  const cJSON *clock = json_members(json_member(root, "fmax"));
  double mhz = cJSON_GetNumberValue(member(clock, "achieved")); // NaN: there is none
  out->timed = r->routed && mhz > 0;
  if (out->timed) {
    out->mhz = mhz;
    take_path(p, root, out);
  }
  cJSON_Delete(root);
  return ok || diag_tool(d, "%s wrote a report without the chip's resources", p->family->place);
}

static bool nextpnr(const placer *p, const fpga_device *chip, const char *package, bool route) {
  report r = {p, route};
  const char *argv[20], **at = argv;
  *at++ = p->family->place;
  *at++ = arena_printf(p->mem, "--%s", chip->name);
  *at++ = "--package", *at++ = package;
  *at++ = "--json", *at++ = "flat.json";
  *at++ = "--report", *at++ = "report.json";
  *at++ = "--seed", *at++ = "1";
  *at++ = "--freq", *at++ = arena_printf(p->mem, "%.6g", 1000 / p->options->clock_ns);
  *at++ = "--timing-allow-fail";
  if (p->family->bitstream)
    *at++ = p->family->bitstream;
  if (!route)
    *at++ = "--pack-only";
  *at = NULL;
  synth_job job = {.argv = argv,
                   .dir = p->dir,
                   .log = "nextpnr.log",
                   .timeout_s = 4 * 3600,
                   .label = route ? "place and route" : "packing",
                   .inputs = (const char *const[]){"flat.json", NULL},
                   .outputs = (const char *const[]){"report.json", NULL},
                   .take = take_report,
                   .user = &r};
  return synth_run(p->mem, &job, p->d);
}

static bool fits(const synth_fpga_placed *r) {
  for (size_t i = 0; i < r->use_count; i++)
    if (r->uses[i].used > r->uses[i].available)
      return false;
  return true;
}

static bool too_large(const placer *p, const fpga_device *chip) {
  const synth_fpga_placed *r = &p->out->placed;
  str needs = {0};
  for (size_t i = 0; i < r->use_count; i++)
    if (r->uses[i].used > r->uses[i].available)
      str_printf(&needs, "%s%lld %s, of which it has %lld", needs.len ? "; " : "", (long long)r->uses[i].used,
                 r->uses[i].name, (long long)r->uses[i].available);
  diag_error(p->d, "the design does not fit on %s%s: it needs %s", chip->name,
             p->options->device ? "" : ", the largest that there is for it", needs.data);
  str_free(&needs);
  return false;
}

// On one chip. *larger: it failed in a way in which a larger one may not.
static bool place_on(const placer *p, const fpga_device *chip, bool *larger) {
  synth_fpga_placed *r = &p->out->placed;
  const char *package =
      p->options->package ? p->options->package : arena_strndup(p->mem, chip->packages, strcspn(chip->packages, " "));
  r->device = chip->name;
  r->package = package;
  *larger = false;
  if (!nextpnr(p, chip, package, false))
    return false;
  *larger = true;
  return fits(r) ? nextpnr(p, chip, package, true) : too_large(p, chip);
}

static bool offered(const fpga_device *chip, bool dsps) {
  return dsps ? chip->when != BY_NAME && chip->dsps : chip->when == OFFERED;
}

bool fpga_place(arena *mem, const char *dir, const fpga_family *family, const synth_structure *s,
                const synth_fpga_options *o, synth_fpga *out, diag *d) {
  placer p = {mem, dir, family, s, o, out, d};
  out->placed = (synth_fpga_placed){.asked_mhz = 1000 / o->clock_ns};
  if (!write_shell(&p) || !flatten(&p))
    return false;
  bool ok = false, larger = true;
  diag_mark before = diag_marked(d);
  for (const fpga_device *chip = family->chips; chip->name && !ok && larger && !interrupted(); chip++) {
    if (o->device ? strcmp(o->device, chip->name) != 0 : !offered(chip, out->total.dsps > 0))
      continue;
    diag_unsay(d, before);
    ok = place_on(&p, chip, &larger);
  }
  if (ok)
    out->placed.tool = synth_version(family->place);
  else if (!d->errors)
    diag_tool(d, "place and route was interrupted");
  return ok;
}
