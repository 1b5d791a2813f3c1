import Agent
import ServiceLifecycle
import UnixSignals

/// Has the configuration read again when its file changes, and at SIGHUP.
struct ReloadService: Service {
    let watch: ConfigurationWatch

    func run() async throws {
        watch.start()
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { watch.reload() }
        watch.stop()
    }
}
