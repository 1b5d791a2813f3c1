/// What JSONDecoder complains about, on one line and with the key's path.
struct JSONTrouble: CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        guard let error = error as? DecodingError else {
            description = "no JSON"
            return
        }
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
            context = found
        case .keyNotFound(let key, let found):
            let path = (found.codingPath + [key]).map(\.stringValue).joined(separator: ".")
            description = "no \(ImportError.quoted(path))"
            return
        @unknown default:
            description = "no JSON"
            return
        }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        let trouble = context.debugDescription.prefix(120).map { $0.isNewline ? " " : String($0) }.joined()
        description = path.isEmpty ? trouble : "\(ImportError.quoted(path)): \(trouble)"
    }
}
