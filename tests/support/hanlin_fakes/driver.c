/* A module for llama.cpp that behaves like a graphics driver, a working one or a broken one.

   Which one is chosen when it is compiled, by -DBEHAVES=number; see drivers.py. The working one
   hands all computing to the processor's module, so that layers can be "on the card" anywhere.
   The structures are those of ggml-backend-impl.h, version 2. */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ggml-backend.h"

enum { WORKS, ABORTS, HANGS, ERRORS, NO_DEVICE, NO_MEMORY, WRONG, DIES_LATER, HANGS_LATER, THROWS };
enum { TRIAL_STEPS = 12 };

struct ggml_backend_buffer_type_i {
    const char * (*get_name)(ggml_backend_buffer_type_t);
    ggml_backend_buffer_t (*alloc_buffer)(ggml_backend_buffer_type_t, size_t);
    size_t (*get_alignment)(ggml_backend_buffer_type_t);
    size_t (*get_max_size)(ggml_backend_buffer_type_t);
    size_t (*get_alloc_size)(ggml_backend_buffer_type_t, const struct ggml_tensor *);
    bool (*is_host)(ggml_backend_buffer_type_t);
};
struct ggml_backend_buffer_type {
    struct ggml_backend_buffer_type_i iface;
    ggml_backend_dev_t device;
    void * context;
};
struct ggml_backend_buffer {
    void (*iface[11])(void);
    ggml_backend_buffer_type_t buft;
};
struct ggml_backend_i {
    const char * (*get_name)(ggml_backend_t);
    void (*free)(ggml_backend_t);
    void * asynchronous[5];
    void (*synchronize)(ggml_backend_t);
    void * plans[4];
    enum ggml_status (*graph_compute)(ggml_backend_t, struct ggml_cgraph *);
    void * events[3];
};
struct ggml_backend {
    ggml_guid_t guid;
    struct ggml_backend_i iface;
    ggml_backend_dev_t device;
    void * context;
};
struct ggml_backend_device_i {
    const char * (*get_name)(ggml_backend_dev_t);
    const char * (*get_description)(ggml_backend_dev_t);
    void (*get_memory)(ggml_backend_dev_t, size_t *, size_t *);
    enum ggml_backend_dev_type (*get_type)(ggml_backend_dev_t);
    void (*get_props)(ggml_backend_dev_t, struct ggml_backend_dev_props *);
    ggml_backend_t (*init_backend)(ggml_backend_dev_t, const char *);
    ggml_backend_buffer_type_t (*get_buffer_type)(ggml_backend_dev_t);
    void * get_host_buffer_type;
    void * buffer_from_host_ptr;
    bool (*supports_op)(ggml_backend_dev_t, const struct ggml_tensor *);
    bool (*supports_buft)(ggml_backend_dev_t, ggml_backend_buffer_type_t);
    void * offload_op;
    void * events[3];
};
struct ggml_backend_device {
    struct ggml_backend_device_i iface;
    ggml_backend_reg_t reg;
    void * context;
};
struct ggml_backend_reg {
    int api_version;
    struct {
        const char * (*get_name)(ggml_backend_reg_t);
        size_t (*get_device_count)(ggml_backend_reg_t);
        ggml_backend_dev_t (*get_device)(ggml_backend_reg_t, size_t);
        void * (*get_proc_address)(ggml_backend_reg_t, const char *);
    } iface;
    void * context;
};

static struct ggml_backend_device device;
static struct ggml_backend_buffer_type memory;
static struct ggml_backend_reg registration;
static uint8_t guid[16] = "hanlin-test-card";
static int steps;

static ggml_backend_dev_t processor(void) { return ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU); }

static const char * memory_name(ggml_backend_buffer_type_t t) { (void) t; return "Fake0"; }
static size_t memory_alignment(ggml_backend_buffer_type_t t) { (void) t; return 64; }
static bool memory_is_host(ggml_backend_buffer_type_t t) { (void) t; return false; }
static ggml_backend_buffer_t memory_alloc(ggml_backend_buffer_type_t t, size_t size) {
    (void) t;
    if (BEHAVES == NO_MEMORY) {
        return NULL;
    }
    ggml_backend_buffer_t buffer = ggml_backend_buft_alloc_buffer(ggml_backend_dev_buffer_type(processor()), size);
    if (buffer) {
        buffer->buft = &memory;
    }
    return buffer;
}

static const char * card_name(ggml_backend_t b) { (void) b; return "Fake0"; }
static void card_free(ggml_backend_t b) {
    ggml_backend_free((ggml_backend_t) b->context);
    free(b);
}
static enum ggml_status card_compute(ggml_backend_t b, struct ggml_cgraph * graph) {
    ggml_backend_t cpu = (ggml_backend_t) b->context;
    if (BEHAVES == WRONG) {
        return GGML_STATUS_SUCCESS;
    }
    if (BEHAVES == THROWS) {
        return GGML_STATUS_FAILED;
    }
    steps++;
    if (BEHAVES == DIES_LATER && steps > TRIAL_STEPS) {
        abort();
    }
    if (BEHAVES == HANGS_LATER && steps > TRIAL_STEPS) {
        for (;;) pause();
    }
    return cpu->iface.graph_compute(cpu, graph);
}
static ggml_backend_t device_init(ggml_backend_dev_t d, const char * parameters) {
    ggml_backend_t b = calloc(1, sizeof *b);
    (void) parameters;
    b->guid = &guid;
    b->iface.get_name = card_name;
    b->iface.free = card_free;
    b->iface.graph_compute = card_compute;
    b->device = d;
    b->context = ggml_backend_dev_init(processor(), NULL);
    return b;
}
static const char * device_name(ggml_backend_dev_t d) { (void) d; return "Fake0"; }
static const char * device_description(ggml_backend_dev_t d) { (void) d; return "Card of the tests"; }
static void device_memory(ggml_backend_dev_t d, size_t * left, size_t * total) {
    (void) d;
    *left = *total = (size_t) 8 << 30;
}
static enum ggml_backend_dev_type device_type(ggml_backend_dev_t d) { (void) d; return GGML_BACKEND_DEVICE_TYPE_GPU; }
static void device_props(ggml_backend_dev_t d, struct ggml_backend_dev_props * props) {
    memset(props, 0, sizeof *props);
    props->name = device_name(d);
    props->description = device_description(d);
    props->type = device_type(d);
    device_memory(d, &props->memory_free, &props->memory_total);
}
static ggml_backend_buffer_type_t device_buffers(ggml_backend_dev_t d) { (void) d; return &memory; }
static bool device_supports(ggml_backend_dev_t d, const struct ggml_tensor * op) {
    (void) d;
    return ggml_backend_dev_supports_op(processor(), op);
}
static bool device_supports_memory(ggml_backend_dev_t d, ggml_backend_buffer_type_t t) { (void) d; return t == &memory; }

static const char * reg_name(ggml_backend_reg_t r) { (void) r; return "Fake"; }
static size_t reg_count(ggml_backend_reg_t r) { (void) r; return BEHAVES == NO_DEVICE ? 0 : 1; }
static ggml_backend_dev_t reg_device(ggml_backend_reg_t r, size_t i) { (void) r; (void) i; return &device; }
static void * reg_address(ggml_backend_reg_t r, const char * name) { (void) r; (void) name; return NULL; }

__attribute__((constructor)) static void loaded(void) {
    if (BEHAVES == ABORTS) {
        abort();
    }
}

__attribute__((visibility("default"))) ggml_backend_reg_t ggml_backend_init(void) {
    if (BEHAVES == HANGS) {
        for (;;) pause();
    }
    if (BEHAVES == ERRORS) {
        return NULL;
    }
    memory.iface.get_name = memory_name;
    memory.iface.alloc_buffer = memory_alloc;
    memory.iface.get_alignment = memory_alignment;
    memory.iface.is_host = memory_is_host;
    memory.device = &device;
    device.iface.get_name = device_name;
    device.iface.get_description = device_description;
    device.iface.get_memory = device_memory;
    device.iface.get_type = device_type;
    device.iface.get_props = device_props;
    device.iface.init_backend = device_init;
    device.iface.get_buffer_type = device_buffers;
    device.iface.supports_op = device_supports;
    device.iface.supports_buft = device_supports_memory;
    device.reg = &registration;
    registration.api_version = 2;
    registration.iface.get_name = reg_name;
    registration.iface.get_device_count = reg_count;
    registration.iface.get_device = reg_device;
    registration.iface.get_proc_address = reg_address;
    return &registration;
}
