#include "json_document.hpp"

#include <cmath>
#include <cstring>
#include <new>
#include <string_view>

#include "number.hpp"

namespace sedge {
namespace {

constexpr std::size_t kept_capacity = 64 * 1024;

std::size_t round_up(std::size_t length) {
    std::size_t capacity = 1024;
    while (capacity < length) capacity *= 2;
    return capacity;
}

bool may_be_in_number(uint8_t c) {
    return (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E';
}

const char *describe(simdjson::error_code error) {
    switch (error) {
        case simdjson::UTF8_ERROR: return "it is not UTF-8";
        case simdjson::UNCLOSED_STRING: return "a text has no closing quote";
        case simdjson::STRING_ERROR: return "a text has a bad escape";
        case simdjson::UNESCAPED_CHARS: return "a text has a control character in it";
        case simdjson::NUMBER_ERROR: return "a number is malformed";
        case simdjson::T_ATOM_ERROR:
        case simdjson::F_ATOM_ERROR:
        case simdjson::N_ATOM_ERROR: return "a word is neither true, false nor null";
        default: return "it ends too early, goes on too long, or a comma, colon or bracket is wrong";
    }
}

/// Length of a number's name at `text`, or 0.
std::size_t non_finite_word(const uint8_t *text, std::size_t length) {
    const auto *start = reinterpret_cast<const char *>(text);
    std::string_view rest(start, length < 10 ? length : 10);
    for (std::string_view word : {"NaN", "nan", "Infinity", "-Infinity", "Inf", "-Inf", "inf", "-inf", "-nan"}) {
        if (rest.substr(0, word.size()) != word) continue;
        if (length > word.size()) {
            const char next = start[word.size()];
            if ((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z')) continue;
        }
        return word.size();
    }
    return 0;
}

}  // namespace

simdjson::error_code JSONDocument::parse_strictly(
    const uint8_t *payload, std::size_t length, simdjson::dom::element &root) {
    if (length > capacity || !parser) {
        const std::size_t wanted = round_up(length);
        parser.emplace();
        document.emplace();
        capacity = 0;
        if (auto error = parser->allocate(wanted, SEDGE_JSON_MAX_DEPTH)) return error;
        if (auto error = document->allocate(wanted)) return error;
        capacity = wanted;
    }
    return parser->parse_into_document(*document, payload, length, false).get(root);
}

sedge_json_status JSONDocument::parse(
    const uint8_t *payload, std::size_t length, simdjson::dom::element &root, const char *&message) {
    if (length > SEDGE_JSON_MAX_BYTES) return SEDGE_JSON_TOO_LARGE;
    // A byte order mark: newer releases of simdjson skip it, older ones do not.
    if (length >= 3 && payload[0] == 0xEF && payload[1] == 0xBB && payload[2] == 0xBF) {
        payload += 3;
        length -= 3;
    }
    // One large payload must not keep its thirteen-fold memory for ever.
    if (capacity > kept_capacity && length <= kept_capacity) {
        parser.reset();
        document.reset();
        capacity = 0;
        repaired = {};
    }
    auto error = parse_strictly(payload, length, root);
    switch (error) {
        case simdjson::SUCCESS: return SEDGE_JSON_OK;
        case simdjson::EMPTY: return SEDGE_JSON_EMPTY;
        case simdjson::DEPTH_ERROR: return SEDGE_JSON_TOO_DEEP;
        case simdjson::MEMALLOC: return SEDGE_JSON_NO_MEMORY;
        case simdjson::UTF8_ERROR:
        case simdjson::UNCLOSED_STRING: break;
        default:
            if (!repair(payload, length)) break;
            const std::size_t size = repaired.size();
            repaired.resize(size + SEDGE_JSON_PADDING);
            error = parse_strictly(repaired.data(), size, root);
            if (!error) return SEDGE_JSON_OK;
            if (error == simdjson::DEPTH_ERROR) return SEDGE_JSON_TOO_DEEP;
    }
    message = describe(error);
    return SEDGE_JSON_INVALID;
}

/// Copies the payload with each number out of range as `""` and each integer beyond 64 bits as a float; whether
/// anything was changed. What is wrong otherwise stays as it is, for the parser to refuse.
bool JSONDocument::repair(const uint8_t *payload, std::size_t length) {
    repaired.clear();
    bool changed = false;
    const auto copy = [&](const uint8_t *from, std::size_t count) {
        repaired.insert(repaired.end(), from, from + count);
    };
    std::size_t i = 0;
    while (i < length) {
        const uint8_t c = payload[i];
        std::size_t end = i + 1;
        if (c == '"') {
            while (end < length && payload[end] != '"') end += payload[end] == '\\' ? 2 : 1;
            end = end < length ? end + 1 : length;
            copy(payload + i, end - i);
        } else if (const std::size_t word = non_finite_word(payload + i, length - i)) {
            end = i + word;
            copy(reinterpret_cast<const uint8_t *>("\"\""), 2);
            changed = true;
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            bool is_integer = true;
            while (end < length && may_be_in_number(payload[end])) {
                is_integer = is_integer && payload[end] >= '0' && payload[end] <= '9';
                ++end;
            }
            double value = 0;
            const auto *text = reinterpret_cast<const char *>(payload + i);
            const bool has_leading_zero = c == '0' || (c == '-' && end - i > 1 && payload[i + 1] == '0');
            if (!has_leading_zero && parse_number(text, end - i, value) == NumberKind::not_finite) {
                copy(reinterpret_cast<const uint8_t *>("\"\""), 2);
                changed = true;
            } else {
                copy(payload + i, end - i);
                if (is_integer && end - i > 18) {
                    copy(reinterpret_cast<const uint8_t *>("e0"), 2);
                    changed = true;
                }
            }
        } else {
            repaired.push_back(c);
        }
        i = end;
    }
    return changed;
}

ValueKind read_value(simdjson::dom::element element, double &value) noexcept {
    using simdjson::dom::element_type;
    switch (element.type()) {
        case element_type::DOUBLE:
        case element_type::INT64:
        case element_type::UINT64:
            if (element.get_double().get(value)) return ValueKind::unusable;
            return std::isfinite(value) ? ValueKind::number : ValueKind::unusable;
        case element_type::BOOL: {
            bool flag = false;
            if (element.get_bool().get(flag)) return ValueKind::unusable;
            value = flag ? 1 : 0;
            return ValueKind::number;
        }
        case element_type::STRING: {
            std::string_view text;
            if (element.get_string().get(text)) return ValueKind::unusable;
            return parse_number(text.data(), text.size(), value) == NumberKind::finite ? ValueKind::number
                                                                                     : ValueKind::unusable;
        }
        case element_type::NULL_VALUE: return ValueKind::missing;
        default: return ValueKind::unusable;
    }
}

}  // namespace sedge
