import Synchronization

/// Gives 0, 1, 2, … to any thread.
final class SeedCounter: Sendable {
    private let value = Atomic<UInt64>(0)
    func next() -> UInt64 { value.wrappingAdd(1, ordering: .relaxed).oldValue }
}
