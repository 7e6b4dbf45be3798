/**
 * What keeps a generation from going on without end: a budget of tokens with a ramp on the end token, the detection of
 * loops, and what tells an unusual answer from the usual ones. Prompts and images can be made to let a model talk as
 * long as it may (Gao et al.: Inducing High Energy-Latency of Large Vision-Language Models with Verbose Images, 2024,
 * arXiv:2401.11170), by keeping the end token improbable and each next token uncertain.
 *
 * <p>A {@link dev.lathe.decode.guard.Guard} is a part of what is generated: with the same guard, every exact strategy
 * gives the same tokens. {@link dev.lathe.decode.guard.UsualAnswers} makes one from the answers seen so far. Limits of
 * those who ask are {@code serve}'s.
 *
 * <p>May import {@code decode.sampling} and {@code tensor}; knows no strategy.
 */
package dev.lathe.decode.guard;
