/// What a forward pass is for.
package enum PassMode: Sendable {
    /// Batch statistics; each layer remembers what its backward pass needs.
    case training
    /// Running statistics; nothing is remembered.
    case inference
}
