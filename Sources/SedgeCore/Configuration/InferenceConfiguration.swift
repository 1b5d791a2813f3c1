/// `[inference]`: which encoder, on what.
package struct InferenceConfiguration: Codable, Sendable, Equatable {
    /// A shipped bundle's name, or a path.
    package var bundle = "sensor-base"
    package var threads = 1
    /// A kernel's name, or `auto` for the best this CPU runs.
    package var kernel = "auto"

    package init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case bundle, threads, kernel
    }

    package init(from decoder: any Decoder) throws {
        let container = try StrictContainer(decoder, keys: CodingKeys.self)
        bundle = try container.value(.bundle, default: bundle)
        guard !bundle.isEmpty else { throw container.error(.bundle, found: "\"\"", expected: "a name or a path") }
        threads = try container.value(.threads, default: threads, in: 1...64)
        kernel = try container.value(.kernel, default: kernel)
    }
}
