import SedgeCore
import ServiceLifecycle

/// The agent as a service: runs until the group shuts down gracefully, then stops in order.
package struct AgentService: Service {
    private let agent: Agent
    private let notifier: SystemNotifier
    /// Ends the service when it returns an error; for `--once`.
    private let watch: @Sendable () async throws -> Void

    package init(
        _ agent: Agent, notifier: SystemNotifier, watch: @escaping @Sendable () async throws -> Void
    ) {
        self.agent = agent
        self.notifier = notifier
        self.watch = watch
    }

    package func run() async throws {
        agent.start()
        notifier.ready(status: "running")
        let outcome = await Result { try await waitForTheEnd() }
        notifier.stopping()
        // It waits for threads and a broker, which the cooperative pool must not.
        await withCheckedContinuation { continuation in
            _ = WorkerThread(name: "sedge-stop") {
                agent.stop()
                continuation.resume()
            }
        }
        try outcome.get()
    }

    private func waitForTheEnd() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gracefulShutdown() }
            group.addTask { try await watch() }
            group.addTask { try await agent.failWhenDamaged() }
            try await group.next()
            group.cancelAll()
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
