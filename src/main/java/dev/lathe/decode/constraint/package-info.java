/**
 * What a text may be: constraints on generated text, compiled to masks over tokens.
 *
 * <p>{@link dev.lathe.decode.constraint.Constraint} is the door. A grammar, a regular expression or a JSON schema becomes
 * rules of {@code Expression}, these become an {@code Automaton} over bytes, and {@code AutomatonStates} remembers its
 * states and their masks. A new notation is one more parser that makes expressions.
 *
 * <p>May import {@code text.json}, for schemas; knows nothing of models, samplers and strategies, which apply the masks.
 */
package dev.lathe.decode.constraint;
