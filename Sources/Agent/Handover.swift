/// Carries a value that is not Sendable to the one thread that will own it.
///
/// `@unchecked Sendable`: whoever hands it over forgets it, and one thread opens it.
struct Handover<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
