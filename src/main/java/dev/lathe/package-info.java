/**
 * The verbs: load a {@link dev.lathe.Model}, open a {@link dev.lathe.Session}, {@link dev.lathe.Session#generate
 * generate} or {@link dev.lathe.Session#chat chat}, and read the {@link dev.lathe.TokenStream}.
 *
 * <p>Many requests at once go to an {@link dev.lathe.Engine}, which gives each an {@link dev.lathe.Answer}.
 *
 * <p>Options are immutable values that fluent methods change; what they choose lives in {@code dev.lathe.decode}.
 * Statistics are records returned with the result.
 *
 * <p>May import every package of Lathe but {@code tensor.kernel}; none but {@code lab} imports this one.
 */
package dev.lathe;
