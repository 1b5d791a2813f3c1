import ArgumentParser

/// What a bundle may be called; `docs/bundle.md`.
enum BundleName {
    /// For commands that write one.
    static func check(_ name: String, version: String) throws {
        guard isValid(name), isValid(version) else {
            throw ValidationError(
                "bundle is called '\(name)' '\(version)', expected 1 to 64 of A-Z a-z 0-9 . _ - in each")
        }
    }

    static func isValid(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
