#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "csimdjson.h"

static_assert(simdjson::SIMDJSON_PADDING <= SEDGE_JSON_PADDING, "payloads would need more padding");

namespace sedge {

/// A parser and its document, reused from payload to payload.
///
/// Numbers that no double holds and the words NaN and Infinity, which Python's json module writes, do not make a
/// payload unreadable: they become the empty text, which is no usable value. Such payloads take a second, slower pass.
class JSONDocument {
  public:
    /// Parses and returns the root. Elements live until the next call. May throw std::bad_alloc.
    sedge_json_status parse(const uint8_t *payload, size_t length, simdjson::dom::element &root, const char *&message);

  private:
    simdjson::error_code parse_strictly(const uint8_t *payload, size_t length, simdjson::dom::element &root);
    bool repair(const uint8_t *payload, size_t length);

    /// Made when there is none; dropped again after a large payload.
    std::optional<simdjson::dom::parser> parser;
    std::optional<simdjson::dom::document> document;
    std::size_t capacity = 0;
    std::vector<uint8_t> repaired;
};

/// A value as a number: numbers, true and false as 1 and 0, and texts that hold nothing but a number.
enum class ValueKind { number, missing, unusable };
ValueKind read_value(simdjson::dom::element element, double &value) noexcept;

}  // namespace sedge
