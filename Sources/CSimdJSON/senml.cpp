#include <new>
#include <string_view>
#include <vector>

#include "csimdjson.h"
#include "json_document.hpp"

using namespace simdjson;
using sedge::ValueKind;

struct sedge_senml_reader {
    sedge::JSONDocument document;
    std::vector<sedge_senml_record> records;
};

namespace {

/// Reads a member that must be a number.
bool read_number(dom::element element, uint32_t member, double &value, sedge_senml_record &record) {
    if (!element.is_number() || element.get_double().get(value)) return false;
    record.members |= member;
    return true;
}

bool read_text(
    dom::element element, uint32_t member, const char *&text, std::size_t &length, sedge_senml_record &record) {
    std::string_view view;
    if (element.get_string().get(view)) return false;
    text = view.data();
    length = view.size();
    record.members |= member;
    return true;
}

/// Returns what is wrong, or NULL.
const char *read_record(dom::object object, sedge_senml_record &record) {
    for (auto [key, element] : object) {
        if (key == "n") {
            if (!read_text(element, SEDGE_SENML_NAME, record.name, record.name_length, record))
                return "n must be a text";
        } else if (key == "bn") {
            if (!read_text(element, SEDGE_SENML_BASE_NAME, record.base_name, record.base_name_length, record))
                return "bn must be a text";
        } else if (key == "t") {
            if (!read_number(element, SEDGE_SENML_TIME, record.time, record)) return "t must be a number";
        } else if (key == "bt") {
            if (!read_number(element, SEDGE_SENML_BASE_TIME, record.base_time, record)) return "bt must be a number";
        } else if (key == "bv") {
            if (!read_number(element, SEDGE_SENML_BASE_VALUE, record.base_value, record))
                return "bv must be a number";
        } else if (key == "bver") {
            if (!read_number(element, SEDGE_SENML_BASE_VERSION, record.base_version, record))
                return "bver must be a number";
        } else if (key == "v" || key == "vb") {
            if (key == "vb") record.members |= SEDGE_SENML_BOOLEAN;
            switch (sedge::read_value(element, record.value)) {
                case ValueKind::number: record.members |= SEDGE_SENML_VALUE; break;
                case ValueKind::unusable: record.members |= SEDGE_SENML_UNUSABLE; break;
                case ValueKind::missing: break;
            }
        } else if (!key.empty() && key.back() == '_') {
            return "a label that ends in _ must be understood (RFC 8428, 4.4), and none is";
        }
    }
    return nullptr;
}

}  // namespace

extern "C" sedge_senml_reader *sedge_senml_reader_new(void) { return new (std::nothrow) sedge_senml_reader; }

extern "C" void sedge_senml_reader_free(sedge_senml_reader *reader) { delete reader; }

extern "C" sedge_json_status sedge_senml_read(
    sedge_senml_reader *reader, const uint8_t *payload, size_t length, size_t max_records,
    const sedge_senml_record **records, size_t *count, const char **message) {
    *records = nullptr;
    *count = 0;
    *message = nullptr;
    try {
        reader->records.clear();
        dom::element root;
        const sedge_json_status status = reader->document.parse(payload, length, root, *message);
        if (status != SEDGE_JSON_OK) return status;
        dom::array pack;
        if (root.get_array().get(pack)) {
            *message = "a SenML pack is an array of records";
            return SEDGE_JSON_UNEXPECTED;
        }
        if (pack.size() > max_records) return SEDGE_JSON_TOO_MANY_ROWS;
        for (dom::element element : pack) {
            dom::object object;
            sedge_senml_record record{};
            if (element.get_object().get(object)) {
                *message = "a SenML record is an object";
                return SEDGE_JSON_UNEXPECTED;
            }
            *message = read_record(object, record);
            if (*message) return SEDGE_JSON_UNEXPECTED;
            reader->records.push_back(record);
        }
        *records = reader->records.data();
        *count = reader->records.size();
        return SEDGE_JSON_OK;
    } catch (...) {
        return SEDGE_JSON_NO_MEMORY;
    }
}
