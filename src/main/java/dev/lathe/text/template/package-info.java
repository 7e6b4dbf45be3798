/**
 * An interpreter for the Jinja2 of chat templates, with the environment that Hugging Face renders them in.
 *
 * <p>{@link dev.lathe.text.template.Template} is the way in. Source text becomes tokens ({@code Lexer}), tokens become
 * {@code Statement}s and {@code Expression}s ({@code Parser}, {@code ExpressionParser}), which run themselves in a
 * {@code Scope}. A new filter is one line in {@code Filters}, a new test one line in {@code Conditions}, a new method
 * of a string one line in {@code StringMethods}, a new global function one line in {@code Globals}.
 *
 * <p>Python's values are: None {@code null}, bool {@code Boolean}, int {@code Long}, float {@code Double}, str
 * {@code MarkedText} (counted in code points), list {@code List}, tuple {@code Tuple}, dict {@code Map}. All are
 * immutable. What is not implemented throws; nothing is rendered by guess. Everything that takes time or memory pays
 * the meter of its {@code Rendering}.
 *
 * <p>Exported for what {@code dev.lathe.text} hands out: {@code MarkedText} and {@code TemplateException}. Imports the
 * JDK only.
 */
package dev.lathe.text.template;
