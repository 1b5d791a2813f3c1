import TestSupport

/// A path in a folder that lasts as long as the tests run.
func temporaryPath(_ name: String) -> String { sharedFolder.file(name) }

private let sharedFolder = TemporaryFolder()
