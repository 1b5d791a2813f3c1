/// How many times as long as usual things may take: what is emulated has time.
package let patience = environment("SEDGE_TEST_LAUNCHER") == nil ? 1 : 10

/// Whether a condition comes true within a time, times `patience`; asked every 10 ms.
package func eventually(within limit: Duration = .seconds(60), _ condition: () async throws -> Bool) async rethrows
    -> Bool
{
    let clock = ContinuousClock()
    let end = clock.now + limit * patience
    while clock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(10))
    }
    return try await condition()
}
