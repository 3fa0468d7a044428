#define LANES 4
#define PANEL 2
#define KERNEL attention_base
#include "attention_tiles.inc"
