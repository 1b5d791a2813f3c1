/// The version of both programs; CHANGELOG.md says what changed.
package enum Version {
    package static let current = "0.1.0"
}
