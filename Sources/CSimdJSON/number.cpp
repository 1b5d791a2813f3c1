#include "number.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

#include "csimdjson.h"

namespace sedge {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// from_chars says "out of range" for too large and too small alike; the first digit's decimal place tells them apart.
bool overflows(const char *text, const char *end) {
    if (*text == '-') ++text;
    long place = 0, exponent = 0;
    bool point = false, found = false;
    for (; text < end && (is_digit(*text) || *text == '.'); ++text) {
        if (*text == '.') {
            point = true;
        } else if (found) {
            if (!point) ++place;
        } else if (*text != '0') {
            found = true;
            if (point) --place;
        } else if (point) {
            --place;
        }
    }
    if (text < end) {
        ++text;
        bool negative = text < end && *text == '-';
        if (text < end && (*text == '-' || *text == '+')) ++text;
        for (; text < end && exponent < 100'000'000; ++text) exponent = exponent * 10 + (*text - '0');
        if (negative) exponent = -exponent;
    }
    return found && place + exponent > 0;
}

}  // namespace

NumberKind parse_number(const char *text, std::size_t length, double &value) noexcept {
    const char *end = text + length;
    if (text < end && *text == '+') {
        ++text;
        if (text < end && *text == '-') return NumberKind::invalid;
    }
    if (text == end) return NumberKind::invalid;
    auto [stop, error] = std::from_chars(text, end, value, std::chars_format::general);
    if (error == std::errc::invalid_argument || stop != end) return NumberKind::invalid;
    if (error == std::errc::result_out_of_range) {
        if (overflows(text, end)) return NumberKind::not_finite;
        value = 0;
        return NumberKind::finite;
    }
    // from_chars also takes C's nan(text), which nobody means.
    if (!std::isfinite(value)) return end[-1] == ')' ? NumberKind::invalid : NumberKind::not_finite;
    return NumberKind::finite;
}

}  // namespace sedge

extern "C" sedge_number_status sedge_number_parse(const uint8_t *text, size_t length, double *value) {
    switch (sedge::parse_number(reinterpret_cast<const char *>(text), length, *value)) {
        case sedge::NumberKind::finite: return SEDGE_NUMBER_OK;
        case sedge::NumberKind::not_finite: return SEDGE_NUMBER_NOT_FINITE;
        case sedge::NumberKind::invalid: break;
    }
    return SEDGE_NUMBER_INVALID;
}
