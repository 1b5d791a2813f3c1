// TOML to JSON through toml++ (https://marzer.github.io/tomlplusplus/), with the place of every value.
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a parse gave; free it with `ctoml_free`. Either `json` and `places`, or `message`, is set.
struct ctoml_result {
    char *json;
    /// A line for each value: its dotted path, a tab, its line, a tab, its column; `stream[0].hop\t12\t7\n`.
    char *places;
    char *message;
    size_t line, column;
};

/// Parses `length` bytes of UTF-8. Throws nothing.
struct ctoml_result ctoml_parse(const char *text, size_t length);
void ctoml_free(struct ctoml_result *result);

#ifdef __cplusplus
}
#endif
