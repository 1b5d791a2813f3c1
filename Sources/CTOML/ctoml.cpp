#include "ctoml.h"

#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>

// toml++ 3.3 asserts what a malformed file can violate (a stray byte after `[`), or even tells the optimiser to rely on
// it. Thrown, it is one more refusal.
#undef NDEBUG
#define TOML_ASSERT(condition) ((condition) ? void() : throw std::invalid_argument("a malformed key or value"))
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

namespace {

void append_places(const toml::node &node, const std::string &path, std::ostringstream &out) {
    if (!path.empty()) {
        const auto begin = node.source().begin;
        out << path << '\t' << begin.line << '\t' << begin.column << '\n';
    }
    if (const auto *table = node.as_table()) {
        for (const auto &[key, value] : *table) {
            append_places(value, path.empty() ? std::string(key.str()) : path + "." + std::string(key.str()), out);
        }
    } else if (const auto *array = node.as_array()) {
        for (size_t i = 0; i < array->size(); i++) {
            append_places((*array)[i], path + "[" + std::to_string(i) + "]", out);
        }
    }
}

} // namespace

struct ctoml_result ctoml_parse(const char *text, size_t length) {
    struct ctoml_result result = {};
    try {
        const toml::table table = toml::parse(std::string_view(text, length));
        std::ostringstream json, places;
        json << toml::json_formatter{table};
        append_places(table, "", places);
        result.json = strdup(json.str().c_str());
        result.places = strdup(places.str().c_str());
    } catch (const toml::parse_error &error) {
        result.message = strdup(std::string(error.description()).c_str());
        result.line = error.source().begin.line;
        result.column = error.source().begin.column;
    } catch (const std::exception &error) {
        result.message = strdup(error.what());
    }
    return result;
}

void ctoml_free(struct ctoml_result *result) {
    free(result->json);
    free(result->places);
    free(result->message);
    *result = {};
}
