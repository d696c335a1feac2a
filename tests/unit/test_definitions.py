"""Which names a file defines, by language; and what only looks like a definition."""

from __future__ import annotations

import pytest

from git_draft.definitions import find_names

PYTHON = """
LIMIT = 3
_TIMEOUT_S: float = 1.5
x = 1
SAME == 3
type Pair[T] = tuple[T, T]
Path: TypeAlias = str
def plain(a): ...
async def later(): ...
class Base: ...
class Child(Base):
    def method(self): ...
    SKIPPED = 1
def generic[T](a: T): ...
# def commented(): ...
defer = class_of(1)
'''
class of things
'''
"""

JAVASCRIPT = """
import { imported } from './x';
export default function main(a) {}
async function load() {}
function* walk() {}
class Shape extends Base {
  static of(a, b) {
    if (a) {
    }
    return new Shape(a);
  }
  get size(): number {
  }
  async draw() {
  }
}
export const LIMIT = 3;
const arrow = (a) => a;
  const inner = 3;
let count: number = 0;
export interface Options<T> {
type Name = string;
export enum Color {
module.exports.given = 1;
exports.other = 2;
call(a, b);
while (x) {
"""

GO = """
package main
func main() {
func (s *Server) Serve(a int) error {
func Map[T any](a []T) {
type Server struct {
type Handler func(int)
var ErrClosed = errors.New("x")
const limit = 3
// func not(
\tfunc() {}
"""

RUST = """
pub(crate) async fn load(a: u8) {}
fn small<T>(a: T) {}
pub struct Point { x: u8 }
enum Kind {
impl Point {
    pub fn new() -> Self {
trait Draw {}
const LIMIT: u8 = 3;
static mut COUNT: u8 = 3;
macro_rules! shout {
let local = 3;
mod inner {
"""

JAVA = """
package x.y;
@Entity
public final class Account extends Base {
    private static final int LIMIT = 3;
    public Account(int a) {
    @Override public String toString() {
    protected <T> List<T> find(T a) throws X {
    return total(a);
}
interface Shape {
enum Color { RED }
record Point(int x, int y) {
"""

KOTLIN = """
data class User(val name: String)
fun greet(user: User) = 1
    suspend fun String.load(): Int {
object Registry {
const val LIMIT = 3
"""

CSHARP = """
namespace X;
public partial class Startup {
    public async Task<int> RunAsync(int a) {
    internal static void Main() {
"""

C = """
#include <x.h>
#define LIMIT 3
struct point {
typedef struct {
  int x;
} Size;
typedef unsigned long u64;
static int count_words(const char *text) {
int declared(int a);
char *find(void)
{
  return find(a);
  if (x) {
void Shape::draw(int a) const {
namespace geo {
class Circle : public Shape {
using Name = int;
"""

RUBY = """
LIMIT = 3
module Shop
  class Cart < Base
    def self.open(a)
    def total?
    end
# def no
"""

SHELL = """
greet() {
function leave {
function stay() {
  echo greet
LIMIT=3
"""

PHP = """
<?php
abstract class Cart extends Base
{
    public const LIMIT = 3;
    public static function open(int $a): self
    private function &total() {
}
function helper() {
interface Shape {
"""


@pytest.mark.parametrize(
    "suffix, text, names",
    [
        (".py", PYTHON, "LIMIT _TIMEOUT_S Pair Path plain later Base Child method generic"),
        (".js", JAVASCRIPT, "main load walk Shape of size draw LIMIT arrow count Options Name Color given other"),
        (".TSX", "export const App = () => {", "App"),
        (".go", GO, "main Serve Map Server Handler ErrClosed limit"),
        (".rs", RUST, "load small Point Kind new Draw LIMIT COUNT shout inner"),
        (".java", JAVA, "Account LIMIT toString find Shape Color Point"),
        (".kt", KOTLIN, "User greet load Registry LIMIT"),
        (".cs", CSHARP, "Startup RunAsync Main"),
        (".cpp", C, "LIMIT point Size u64 count_words find draw geo Circle Name"),
        (".rb", RUBY, "LIMIT Shop Cart open total"),
        (".sh", SHELL, "greet leave stay"),
        ("", SHELL, "greet leave stay"),
        (".php", PHP, "Cart LIMIT open total helper Shape"),
        (".md", "class Heading:\ndef shown():\n", ""),
    ],
)
def test_definitions_are_found_by_language(suffix: str, text: str, names: str) -> None:
    assert sorted(find_names(text, suffix)) == sorted(names.split())
