// SPDX-License-Identifier: Apache-2.0
//
// transport: messages between the processes (ranks) of one MPI job. MPI itself is in a plugin, axgen_mpi.so, beside the
// program or in ../lib/axgen: without mpirun nobody loads it, and axgen runs where MPI is not installed.
#ifndef AXGEN_TRANSPORT_H
#define AXGEN_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
  int rank, size;
  int threads; // this rank's share of the cores that it may use: others may have some of the same
} transport_place;

typedef struct {
  int from, tag;
  void *data; // malloc'd
  size_t size;
} transport_message;

// All from one thread, `open` first. Nothing waits for another rank but `open` and `close`, which all ranks call.
typedef struct {
  const char *name; // of the MPI that it was built with
  bool (*open)(transport_place *out);
  // At most INT_MAX bytes, copied. False: it cannot be sent. What is sent to a rank that has died is lost.
  bool (*send)(int to, int tag, const void *data, size_t size);
  bool (*receive)(transport_message *out); // what has arrived; false: nothing
  void (*close)(void);
} transport;

#define TRANSPORT_FILE "axgen_mpi.so"
#define TRANSPORT_SYMBOL "axgen_transport" // a `const transport` there

// NULL: there is no plugin, or its MPI cannot be loaded; `why` (may be NULL) then says so, valid until the next call.
const transport *transport_load(const char **why);
// Whether MPI started this process, as one of several.
bool transport_started(void);

#endif
