#pragma once

#include <stddef.h>
#include <stdint.h>

/// simdjson behind a C face: no exception, no C++ type and no simdjson type leaves it.
///
/// simdjson's DOM and not its On-Demand interface: On-Demand does not check what it skips, so `{"a":1,"b":tru}` gives
/// an `a` and no error. DOM checks the whole text before anything is used; on a payload of four fields the two took
/// 135 to 148 and 121 to 143 ns (x86-64, simdjson 3.0.1).
///
/// Every payload must be followed by SEDGE_JSON_PADDING readable bytes; what they hold does not matter.

#ifdef __cplusplus
extern "C" {
#endif

enum {
    SEDGE_JSON_PADDING = 64,
    /// Nesting that is still read.
    SEDGE_JSON_MAX_DEPTH = 32,
    SEDGE_JSON_MAX_BYTES = 1 << 20,
};

typedef enum {
    SEDGE_JSON_OK,
    SEDGE_JSON_EMPTY,
    SEDGE_JSON_TOO_LARGE,
    SEDGE_JSON_TOO_DEEP,
    /// Not JSON: see `sedge_json_result.message`.
    SEDGE_JSON_INVALID,
    /// JSON, but of a shape that is not wanted: see `sedge_json_result.message`.
    SEDGE_JSON_UNEXPECTED,
    SEDGE_JSON_TOO_MANY_ROWS,
    SEDGE_JSON_NO_CHANNEL,
    SEDGE_JSON_NO_MEMORY,
} sedge_json_status;

typedef enum {
    SEDGE_JSON_TIME_ABSENT,
    SEDGE_JSON_TIME_INTEGER,
    SEDGE_JSON_TIME_REAL,
    SEDGE_JSON_TIME_TEXT,
    /// There is something, but it can not be a time: an object, true or false.
    SEDGE_JSON_TIME_IMPOSSIBLE,
} sedge_json_time_kind;

/// A row's time as the payload has it. `text` lives until the extractor's next call.
typedef struct {
    sedge_json_time_kind kind;
    int64_t integer;
    double real;
    const char *text;
    size_t length;
} sedge_json_time;

/// What a payload held. The pointers live until the extractor's next call.
typedef struct {
    size_t rows;
    /// (rows, channels); NaN is missing.
    const double *values;
    /// (rows)
    const sedge_json_time *times;
    /// Values that were there but are no finite number.
    size_t unusable;
    /// What is wrong, for SEDGE_JSON_INVALID and SEDGE_JSON_UNEXPECTED; static.
    const char *message;
} sedge_json_result;

/// Where a path can not be read: `path` counts the channels, and equals their number for the time's path.
typedef struct {
    size_t path;
    /// Byte of the path.
    size_t offset;
    /// What should stand there; static.
    const char *expected;
} sedge_json_path_error;

/// Reads a fixed set of paths from payloads. Not thread-safe; its buffers are reused, so there is no allocation once
/// they have grown to the payloads' size (payloads above 64 KiB get their buffers for the occasion).
typedef struct sedge_json_extractor sedge_json_extractor;

/// Paths: `$`, then any of `.name`, `['any name']`, `[0]` and at most one `[*]`. `time_path` may be NULL.
/// Returns NULL and fills `error` when a path can not be read; `error->expected` is NULL when memory is short.
sedge_json_extractor *sedge_json_extractor_new(const char *const *paths, size_t count, const char *time_path,
                                               sedge_json_path_error *error);
void sedge_json_extractor_free(sedge_json_extractor *extractor);

/// Extracts one payload; at most `max_rows` rows.
sedge_json_status sedge_json_extract(sedge_json_extractor *extractor, const uint8_t *payload, size_t length,
                                     size_t max_rows, sedge_json_result *result);

/// Which members a SenML record has.
enum {
    SEDGE_SENML_BASE_NAME = 1,
    SEDGE_SENML_BASE_TIME = 2,
    SEDGE_SENML_BASE_VALUE = 4,
    SEDGE_SENML_BASE_VERSION = 8,
    SEDGE_SENML_NAME = 16,
    SEDGE_SENML_TIME = 32,
    SEDGE_SENML_VALUE = 64,
    /// `v` or `vb` is there, but is no finite number.
    SEDGE_SENML_UNUSABLE = 128,
    /// The value was `vb`.
    SEDGE_SENML_BOOLEAN = 256,
};

/// One record of a SenML pack (RFC 8428), unresolved. `vb` is in `value` as 0 or 1.
typedef struct {
    uint32_t members;
    const char *base_name;
    size_t base_name_length;
    const char *name;
    size_t name_length;
    double base_time;
    double base_value;
    double base_version;
    double time;
    double value;
} sedge_senml_record;

typedef struct sedge_senml_reader sedge_senml_reader;

/// NULL when memory is short.
sedge_senml_reader *sedge_senml_reader_new(void);
void sedge_senml_reader_free(sedge_senml_reader *reader);

/// Reads a pack; records and their texts live until the next call. `message` is set as in `sedge_json_result`.
sedge_json_status sedge_senml_read(sedge_senml_reader *reader, const uint8_t *payload, size_t length,
                                   size_t max_records, const sedge_senml_record **records, size_t *count,
                                   const char **message);

typedef enum {
    SEDGE_NUMBER_OK,
    /// Infinity, NaN or beyond a double's range.
    SEDGE_NUMBER_NOT_FINITE,
    SEDGE_NUMBER_INVALID,
} sedge_number_status;

/// Reads the whole text as a decimal number (`1`, `-2.5e3`, `+.5`), correctly rounded, whatever the locale.
sedge_number_status sedge_number_parse(const uint8_t *text, size_t length, double *value);

#ifdef __cplusplus
}
#endif
