import CTOML
package import SedgeCore

/// A configuration in TOML on disk, and where in the file each of its keys stands.
package struct ConfigurationFile: Sendable {
    package let path: String
    package let configuration: Configuration
    /// Of the file, just before it was read.
    let stamp: FileStamp
    private let places: KeyPlaces

    /// Reads and checks a file. An error in it names line and column.
    package init(path: String) throws {
        let stamp = FileStamp(path)
        try self.init(path: path, text: FileBytes.read(path, limit: 1 << 20), stamp: stamp)
    }

    package init(path: String, text: [UInt8]) throws(ConfigurationError) {
        try self.init(path: path, text: text, stamp: .absent)
    }

    private init(path: String, text: [UInt8], stamp: FileStamp) throws(ConfigurationError) {
        self.path = path
        self.stamp = stamp
        let (json, places) = try Self.parse(text)
        self.places = places
        do {
            configuration = try Configuration(json: json)
        } catch {
            throw places.locate(error)
        }
    }

    /// TOML as JSON, whatever it sets.
    package static func json(toml text: [UInt8]) throws(ConfigurationError) -> [UInt8] { try parse(text).json }

    private static func parse(_ text: [UInt8]) throws(ConfigurationError) -> (json: [UInt8], places: KeyPlaces) {
        var result = text.withUnsafeBytes { bytes in
            ctoml_parse(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        defer { ctoml_free(&result) }
        guard let json = result.json, let places = result.places else {
            var error = ConfigurationError(
                path: "", found: result.message.map { String(cString: $0) } ?? "no TOML", expected: "TOML")
            error.line = result.line > 0 ? Int(result.line) : nil
            error.column = result.column > 0 ? Int(result.column) : nil
            throw error
        }
        return (Array(String(cString: json).utf8), KeyPlaces(String(cString: places)))
    }

    /// Adds line and column to an error that was found later.
    package func locate(_ error: ConfigurationError) -> ConfigurationError { places.locate(error) }
}

/// Line and column of every value of a document, by its dotted path.
private struct KeyPlaces: Sendable {
    private var places: [Substring: (line: Int, column: Int)] = [:]

    /// Lines of path, line and column with tabs between, as the TOML shim writes them.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t")
            if fields.count == 3, let row = Int(fields[1]), let column = Int(fields[2]) {
                places[fields[0]] = (row, column)
            }
        }
    }

    /// The place of the error's key, or of the nearest table around a key that is missing.
    func locate(_ error: ConfigurationError) -> ConfigurationError {
        var error = error
        var path = Substring(error.path)
        while !path.isEmpty {
            if let place = places[path] {
                error.line = place.line
                error.column = place.column
                break
            }
            path = path.lastIndex { $0 == "." || $0 == "[" }.map { path[..<$0] } ?? ""
        }
        return error
    }
}
