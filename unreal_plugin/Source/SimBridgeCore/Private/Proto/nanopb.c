/* nanopb's runtime as one source of the module: build systems that compile a folder need nothing else. */
#include "../../../ThirdParty/nanopb/pb_common.c"
#include "../../../ThirdParty/nanopb/pb_decode.c"
#include "../../../ThirdParty/nanopb/pb_encode.c"
