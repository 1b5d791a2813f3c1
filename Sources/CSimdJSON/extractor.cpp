#include <cmath>
#include <limits>
#include <new>
#include <string_view>
#include <vector>

#include "csimdjson.h"
#include "json_document.hpp"
#include "json_path.hpp"

using namespace simdjson;
using sedge::JSONPath;
using sedge::PathStep;
using sedge::ValueKind;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr sedge_json_time no_time = {SEDGE_JSON_TIME_ABSENT, 0, 0, nullptr, 0};

/// What a path leads to in one document: nothing, one value, or an array with a value a row.
struct Found {
    enum class Kind { nothing, one, many };
    Kind kind = Kind::nothing;
    dom::element element{};
    dom::array array{};
};

/// A key that stands twice counts where it stands first.
bool walk(const std::vector<PathStep> &steps, dom::element from, dom::element &to) {
    for (const PathStep &step : steps) {
        if (step.kind == PathStep::Kind::key) {
            dom::object object;
            if (from.get_object().get(object) || object.at_key(step.key).get(from)) return false;
        } else {
            dom::array array;
            if (from.get_array().get(array) || array.at(step.index).get(from)) return false;
        }
    }
    to = from;
    return true;
}

Found find(const JSONPath &path, dom::element root) {
    Found found;
    if (!walk(path.before, root, found.element)) return found;
    if (!found.element.get_array().get(found.array)) {
        found.kind = Found::Kind::many;
    } else if (!path.has_wildcard) {
        found.kind = Found::Kind::one;
    }
    return found;
}

sedge_json_time read_time(dom::element element) {
    sedge_json_time time = no_time;
    std::string_view text;
    switch (element.type()) {
        case dom::element_type::NULL_VALUE: break;
        case dom::element_type::INT64:
            time.kind = SEDGE_JSON_TIME_INTEGER;
            if (element.get_int64().get(time.integer)) time.kind = SEDGE_JSON_TIME_IMPOSSIBLE;
            break;
        case dom::element_type::UINT64:
        case dom::element_type::DOUBLE:
            time.kind = SEDGE_JSON_TIME_REAL;
            if (element.get_double().get(time.real)) time.kind = SEDGE_JSON_TIME_IMPOSSIBLE;
            break;
        case dom::element_type::STRING:
            time.kind = SEDGE_JSON_TIME_TEXT;
            if (element.get_string().get(text)) time.kind = SEDGE_JSON_TIME_IMPOSSIBLE;
            time.text = text.data();
            time.length = text.size();
            break;
        default: time.kind = SEDGE_JSON_TIME_IMPOSSIBLE;
    }
    return time;
}

}  // namespace

struct sedge_json_extractor {
    std::vector<JSONPath> paths;
    JSONPath time_path;
    bool has_time = false;
    /// Whether a root that is an array is taken as an array of sample objects.
    bool wants_objects = true;

    sedge::JSONDocument document;
    std::vector<Found> found;           // (channels)
    std::vector<double> values;         // (rows, channels)
    std::vector<sedge_json_time> times; // (rows)
    std::vector<char> present;          // (rows); whether any channel was there, be it null
    std::size_t rows = 0;
    std::size_t unusable = 0;

    bool extract_document(dom::element root, std::size_t max_rows);
    void put(std::size_t row, std::size_t channel, dom::element element);
    void extract_times(dom::element root, std::size_t first);
    void drop_rows_without_channel();
};

void sedge_json_extractor::put(std::size_t row, std::size_t channel, dom::element element) {
    double value = missing;
    present[row] = 1;
    const ValueKind kind = sedge::read_value(element, value);
    if (kind == ValueKind::unusable) ++unusable;
    values[row * paths.size() + channel] = kind == ValueKind::number ? value : missing;
}

/// Appends the rows of one document; false when there would be too many.
bool sedge_json_extractor::extract_document(dom::element root, std::size_t max_rows) {
    const std::size_t first = rows, channels = paths.size();
    std::size_t count = 0;
    bool has_one = false;
    for (std::size_t channel = 0; channel < channels; ++channel) {
        found[channel] = find(paths[channel], root);
        if (found[channel].kind == Found::Kind::many) {
            // size() saturates at 2^24, far above any limit.
            if (found[channel].array.size() > count) count = found[channel].array.size();
        } else if (found[channel].kind == Found::Kind::one) {
            has_one = true;
        }
    }
    if (count == 0 && has_one) count = 1;
    if (count > max_rows - rows) return false;
    rows += count;
    values.resize(rows * channels, missing);
    times.resize(rows, no_time);
    present.resize(rows, 0);
    for (std::size_t channel = 0; channel < channels && count > 0; ++channel) {
        const JSONPath &path = paths[channel];
        if (found[channel].kind == Found::Kind::one) {
            // One value for the whole payload holds for each of its rows.
            const std::size_t before = unusable;
            put(first, channel, found[channel].element);
            if (unusable > before) unusable = before + count;
            for (std::size_t row = first + 1; row < rows; ++row) {
                values[row * channels + channel] = values[first * channels + channel];
                present[row] = 1;
            }
        } else if (found[channel].kind == Found::Kind::many) {
            std::size_t row = first;
            for (dom::element element : found[channel].array) {
                if (walk(path.after, element, element)) put(row, channel, element);
                ++row;
            }
        }
    }
    if (has_time && count > 0) extract_times(root, first);
    return true;
}

/// One time for several rows is given to the first; whose time it is, the caller decides.
void sedge_json_extractor::extract_times(dom::element root, std::size_t first) {
    const Found time = find(time_path, root);
    if (time.kind == Found::Kind::one) {
        times[first] = read_time(time.element);
    } else if (time.kind == Found::Kind::many) {
        std::size_t row = first;
        for (dom::element element : time.array) {
            if (row == rows) break;
            if (walk(time_path.after, element, element)) times[row] = read_time(element);
            ++row;
        }
    }
}

void sedge_json_extractor::drop_rows_without_channel() {
    const std::size_t channels = paths.size();
    std::size_t kept = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        if (!present[row]) continue;
        if (kept != row) {
            for (std::size_t c = 0; c < channels; ++c) values[kept * channels + c] = values[row * channels + c];
            times[kept] = times[row];
        }
        ++kept;
    }
    rows = kept;
}

extern "C" sedge_json_extractor *sedge_json_extractor_new(
    const char *const *paths, size_t count, const char *time_path, sedge_json_path_error *error) {
    *error = {0, 0, nullptr};
    sedge_json_extractor *extractor = nullptr;
    try {
        extractor = new sedge_json_extractor;
        extractor->paths.resize(count);
        extractor->found.resize(count);
        for (error->path = 0; error->path < count && !error->expected; ) {
            JSONPath &path = extractor->paths[error->path];
            error->expected = JSONPath::compile(paths[error->path], path, error->offset);
            extractor->wants_objects = extractor->wants_objects && path.starts_with_key();
            if (!error->expected) ++error->path;
        }
        if (time_path && !error->expected) {
            extractor->has_time = true;
            error->expected = JSONPath::compile(time_path, extractor->time_path, error->offset);
        }
        if (!error->expected) return extractor;
    } catch (...) {
        error->expected = nullptr;
    }
    delete extractor;
    return nullptr;
}

extern "C" void sedge_json_extractor_free(sedge_json_extractor *extractor) { delete extractor; }

extern "C" sedge_json_status sedge_json_extract(
    sedge_json_extractor *extractor, const uint8_t *payload, size_t length, size_t max_rows,
    sedge_json_result *result) {
    *result = {0, nullptr, nullptr, 0, nullptr};
    try {
        extractor->rows = extractor->unusable = 0;
        extractor->values.clear();
        extractor->times.clear();
        extractor->present.clear();
        dom::element root;
        const sedge_json_status status = extractor->document.parse(payload, length, root, result->message);
        if (status != SEDGE_JSON_OK) return status;
        dom::array samples;
        bool is_batch = false;
        if (extractor->wants_objects && !root.get_array().get(samples)) {
            is_batch = true;
            for (dom::element sample : samples) {
                if (!extractor->extract_document(sample, max_rows)) return SEDGE_JSON_TOO_MANY_ROWS;
            }
        } else if (!extractor->extract_document(root, max_rows)) {
            return SEDGE_JSON_TOO_MANY_ROWS;
        }
        const bool had_rows = extractor->rows > 0;
        extractor->drop_rows_without_channel();
        // An empty array of samples is a batch without samples and no mistake.
        bool is_empty_batch = false;
        if (!had_rows) {
            if (is_batch) {
                is_empty_batch = samples.size() == 0;
            } else {
                for (const Found &found : extractor->found) {
                    if (found.kind == Found::Kind::many) is_empty_batch = true;
                }
            }
        }
        if (extractor->rows == 0 && !is_empty_batch) return SEDGE_JSON_NO_CHANNEL;
        result->rows = extractor->rows;
        result->values = extractor->values.data();
        result->times = extractor->times.data();
        result->unusable = extractor->unusable;
        return SEDGE_JSON_OK;
    } catch (...) {
        return SEDGE_JSON_NO_MEMORY;
    }
}
