/**
 * Many texts at once: passes that gather rows of all of them ({@link dev.lathe.serve.SharedModel}), who may run and who
 * waits ({@link dev.lathe.serve.Admission}), and states that wait for a prompt that begins as they do ({@link
 * dev.lathe.serve.TextPool}). {@code dev.lathe.Engine} puts them together.
 *
 * <p>What one of those who share an engine may use is a {@link dev.lathe.serve.Tenant}'s.
 *
 * <p>May import {@code decode}, {@code measure}, {@code model} and {@code tensor}; knows nothing of tokenizers.
 */
package dev.lathe.serve;
